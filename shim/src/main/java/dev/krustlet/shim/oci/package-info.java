/// The OCI bundle as data: config.json and its records.
@NullMarked
package dev.krustlet.shim.oci;

import org.jspecify.annotations.NullMarked;
