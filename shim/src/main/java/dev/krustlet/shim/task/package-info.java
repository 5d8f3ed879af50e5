/// The life of containers: states, waits, exits, events. Knows no wire.
///
/// What is held for a moment is a monitor (`synchronized`). A lock that is held while an engine is
/// called, which may take long, is a `ReentrantLock` with a name: no look at a state waits for it.
@NullMarked
package dev.krustlet.shim.task;

import org.jspecify.annotations.NullMarked;
