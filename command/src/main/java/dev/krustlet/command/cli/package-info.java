/// The process of the command: reads arguments and environment, prints, exits, and calls what does
/// the work.
@NullMarked
package dev.krustlet.command.cli;

import org.jspecify.annotations.NullMarked;
