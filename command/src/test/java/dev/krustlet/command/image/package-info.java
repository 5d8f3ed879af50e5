@NullMarked
package dev.krustlet.command.image;

import org.jspecify.annotations.NullMarked;
