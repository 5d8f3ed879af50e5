/// Ordinary containers, run by the runc program.
@NullMarked
package dev.krustlet.shim.engine.runc;

import org.jspecify.annotations.NullMarked;
