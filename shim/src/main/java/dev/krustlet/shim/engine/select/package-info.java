/// Chooses the engine for a container: mounts its root, looks at what it is to run, delegates.
/// Holds what is the container's whichever its kind, until it is deleted.
@NullMarked
package dev.krustlet.shim.engine.select;

import org.jspecify.annotations.NullMarked;
