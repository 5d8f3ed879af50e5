/// What a container of any kind can do; the interface that `task` speaks.
@NullMarked
package dev.krustlet.shim.engine;

import org.jspecify.annotations.NullMarked;
