/// The process edge: reads argv and environment, writes stdout, exits; wires all rooms together.
@NullMarked
package dev.krustlet.shim.cli;

import org.jspecify.annotations.NullMarked;
