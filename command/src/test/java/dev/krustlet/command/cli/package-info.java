/// Tests of the process edge, on the real engine.
@NullMarked
package dev.krustlet.command.cli;

import org.jspecify.annotations.NullMarked;
