/// Ordinary containers, run by the runc program. Imports `engine`, `oci` and `os`.
@NullMarked
package dev.krustlet.shim.engine.runc;

import org.jspecify.annotations.NullMarked;
