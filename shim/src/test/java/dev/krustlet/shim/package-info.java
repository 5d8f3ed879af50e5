/// Tests of the house as a whole: which room may know which.
@NullMarked
package dev.krustlet.shim;

import org.jspecify.annotations.NullMarked;
