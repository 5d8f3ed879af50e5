@NullMarked
package dev.krustlet.command.registry;

import org.jspecify.annotations.NullMarked;
