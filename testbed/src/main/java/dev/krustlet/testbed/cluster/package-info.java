/// What a whole Kubernetes of this machine is given: the images of the examples.
@NullMarked
package dev.krustlet.testbed.cluster;

import org.jspecify.annotations.NullMarked;
