@NullMarked
package dev.krustlet.shim.policy;

import org.jspecify.annotations.NullMarked;
