/// The life of containers: states, waits, exits, events. Imports `engine` and `oci`; knows no wire.
@NullMarked
package dev.krustlet.shim.task;

import org.jspecify.annotations.NullMarked;
