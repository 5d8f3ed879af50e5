@NullMarked
package dev.krustlet.shim.engine;

import org.jspecify.annotations.NullMarked;
