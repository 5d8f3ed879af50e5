/// Talks to registries, for the `krustlet` command alone: what it needs is not on the daemon's
/// class path.
@NullMarked
package dev.krustlet.shim.registry;

import org.jspecify.annotations.NullMarked;
