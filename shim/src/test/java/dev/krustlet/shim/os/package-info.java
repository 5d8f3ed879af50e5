/// Against the real kernel: every test here makes the objects it is about.
@NullMarked
package dev.krustlet.shim.os;

import org.jspecify.annotations.NullMarked;
