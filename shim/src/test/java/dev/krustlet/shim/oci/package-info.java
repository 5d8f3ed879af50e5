/// Documents as containerd writes them, and as nobody should.
@NullMarked
package dev.krustlet.shim.oci;

import org.jspecify.annotations.NullMarked;
