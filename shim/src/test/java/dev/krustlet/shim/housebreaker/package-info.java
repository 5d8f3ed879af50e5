/// Breaks the rules of the house on purpose, so that a test can see that breaking them is seen.
@NullMarked
package dev.krustlet.shim.housebreaker;

import org.jspecify.annotations.NullMarked;
