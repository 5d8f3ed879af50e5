/// Containers of both kinds that live and die at random while processes are killed, disks fill and
/// readers go away, and the accounts that have to agree afterwards. Imports testbed, its api and
/// proto.
@org.jspecify.annotations.NullMarked
package dev.krustlet.testbed.faults;
