/// Compiled modules: the cache of them, and the engine's program, which compiles. Knows nothing of
/// guests.
@NullMarked
package dev.krustlet.shim.modules;

import org.jspecify.annotations.NullMarked;
