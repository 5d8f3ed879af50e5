/// Chooses the engine for a container: mounts its root, looks at what it is to run, delegates. Runs
/// the programs that take containers' output.
@NullMarked
package dev.krustlet.shim.engine.select;

import org.jspecify.annotations.NullMarked;
