@NullMarked
package dev.krustlet.shim.registry;

import org.jspecify.annotations.NullMarked;
