/// Runs one preview-1 module inside the JVM with wasmtime-java, which embeds Wasmtime 7.0.1. For
/// development; no class of the daemon refers to it.
@NullMarked
package dev.krustlet.command.portable;

import org.jspecify.annotations.NullMarked;
