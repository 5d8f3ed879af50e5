/// Services in pods under load: nothing that a service accepted may be lost, whatever comes and
/// goes beside it. Imports testbed, its http and its pods.
@org.jspecify.annotations.NullMarked
package dev.krustlet.testbed.load;
