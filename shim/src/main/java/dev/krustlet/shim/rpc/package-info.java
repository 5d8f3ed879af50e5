/// containerd's Task service and what the launcher's `delete` asks, translated to `task`.
@NullMarked
package dev.krustlet.shim.rpc;

import org.jspecify.annotations.NullMarked;
