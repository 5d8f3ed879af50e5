/// Holds the manifests, the examples and the documented containerd config against each other.
/// Imports no other room.
@NullMarked
package dev.krustlet.runtimeclass;

import org.jspecify.annotations.NullMarked;
