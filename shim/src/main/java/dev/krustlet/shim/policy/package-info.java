/// What guests may do: what a pod asks for in its annotations, what the node allows, and what comes
/// of both. Imports nothing of Krustlet.
@NullMarked
package dev.krustlet.shim.policy;

import org.jspecify.annotations.NullMarked;
