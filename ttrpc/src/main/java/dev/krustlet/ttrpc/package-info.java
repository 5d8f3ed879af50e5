/// TTRPC over Unix sockets: frames, a server and a client. Knows nothing of containers.
@NullMarked
package dev.krustlet.ttrpc;

import org.jspecify.annotations.NullMarked;
