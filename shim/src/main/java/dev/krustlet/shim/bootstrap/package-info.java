/// How a daemon comes to be and goes: state directory, lock, socket, answer to containerd. Imports
/// `oci`, `os`, `policy`, ttrpc and proto.
@NullMarked
package dev.krustlet.shim.bootstrap;

import org.jspecify.annotations.NullMarked;
