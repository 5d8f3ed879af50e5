/// Measures what Krustlet costs, beside the runc shim under the same containerd and beside
/// Wasmtime. Figures are printed, and no test asserts them.
@org.jspecify.annotations.NullMarked
package dev.krustlet.bench;
