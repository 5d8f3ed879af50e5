/// containerd's Task service, translated to `task`. Imports `task`, `events`, `engine`, `oci`,
/// ttrpc and proto.
@NullMarked
package dev.krustlet.shim.rpc;

import org.jspecify.annotations.NullMarked;
