/// containerd's Task service, translated to `task`.
@NullMarked
package dev.krustlet.shim.rpc;

import org.jspecify.annotations.NullMarked;
