/// Tests of the rooms of the command.
@NullMarked
package dev.krustlet.command;

import org.jspecify.annotations.NullMarked;
