/// The `krustlet` command: reads argv and environment, writes stdout, exits; wires the rooms that
/// it uses.
@NullMarked
package dev.krustlet.shim.cli;

import org.jspecify.annotations.NullMarked;
