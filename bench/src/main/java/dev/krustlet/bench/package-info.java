/// Measures what Krustlet costs, beside the runc shim and under the same containerd. Figures are
/// printed, and no test asserts them.
@org.jspecify.annotations.NullMarked
package dev.krustlet.bench;
