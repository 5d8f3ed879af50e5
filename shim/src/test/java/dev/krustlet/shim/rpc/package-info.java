/// Tests of the room rpc.
@NullMarked
package dev.krustlet.shim.rpc;

import org.jspecify.annotations.NullMarked;
