/// Tests of the room modules, with the real engine.
@NullMarked
package dev.krustlet.shim.modules;

import org.jspecify.annotations.NullMarked;
