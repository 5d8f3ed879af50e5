/// The operating system: descriptors, mounts, processes, signals, and the only room that calls C.
@NullMarked
package dev.krustlet.shim.os;

import org.jspecify.annotations.NullMarked;
