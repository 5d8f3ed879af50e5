/// The daemon, from its start to its end: wires the rooms together, listens, says where launchers
/// find it, and leaves. What reads its arguments and environment, prints or exits is here alone.
@NullMarked
package dev.krustlet.shim.daemon;

import org.jspecify.annotations.NullMarked;
