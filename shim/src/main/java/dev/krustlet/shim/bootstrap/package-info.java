/// How a daemon comes to be and goes: state directory, lock, socket, answer to containerd.
@NullMarked
package dev.krustlet.shim.bootstrap;

import org.jspecify.annotations.NullMarked;
