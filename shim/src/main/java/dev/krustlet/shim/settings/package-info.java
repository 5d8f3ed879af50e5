/// Where krustlet is installed, and the node's settings, as the daemon and the command read them.
@NullMarked
package dev.krustlet.shim.settings;

import org.jspecify.annotations.NullMarked;
