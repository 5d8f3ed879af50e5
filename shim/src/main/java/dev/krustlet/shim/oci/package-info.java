/// The OCI bundle as data: config.json and its records. Imports the JDK and the JSON and TOML
/// libraries.
@NullMarked
package dev.krustlet.shim.oci;

import org.jspecify.annotations.NullMarked;
