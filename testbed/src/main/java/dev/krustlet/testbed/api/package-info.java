/// Calls containerd and the daemon as containerd's own clients do, without ctr. Imports proto and
/// ttrpc alone.
@org.jspecify.annotations.NullMarked
package dev.krustlet.testbed.api;
