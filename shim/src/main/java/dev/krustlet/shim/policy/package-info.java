/// What guests may do: what a pod asks for in its annotations, what the node allows, and what comes
/// of both.
@NullMarked
package dev.krustlet.shim.policy;

import org.jspecify.annotations.NullMarked;
