/// Programs that take what containers write, which a stream's target may name by a `binary://` URI.
@NullMarked
package dev.krustlet.shim.engine.logging;

import org.jspecify.annotations.NullMarked;
