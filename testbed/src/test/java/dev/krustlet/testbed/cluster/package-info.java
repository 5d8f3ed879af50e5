/// Pods of a whole Kubernetes, as its users see them, through the real kubectl. Run by
/// `scripts/cluster-test.sh` alone: without a cluster there is nothing to ask.
@NullMarked
package dev.krustlet.testbed.cluster;

import org.jspecify.annotations.NullMarked;
