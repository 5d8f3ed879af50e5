/// Tests that hold the wire contract.
@NullMarked
package dev.krustlet.proto;

import org.jspecify.annotations.NullMarked;
