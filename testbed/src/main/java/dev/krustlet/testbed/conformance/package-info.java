/// Reads what Kubernetes' and CRI's own tests report of a node.
@NullMarked
package dev.krustlet.testbed.conformance;

import org.jspecify.annotations.NullMarked;
