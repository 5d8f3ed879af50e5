/// Tests of the protocol, over real sockets.
@NullMarked
package dev.krustlet.ttrpc;

import org.jspecify.annotations.NullMarked;
