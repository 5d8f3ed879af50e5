/// Tests of the room settings.
@NullMarked
package dev.krustlet.shim.settings;

import org.jspecify.annotations.NullMarked;
