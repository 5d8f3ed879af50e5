/// Tests of the room bootstrap.
@NullMarked
package dev.krustlet.shim.bootstrap;

import org.jspecify.annotations.NullMarked;
