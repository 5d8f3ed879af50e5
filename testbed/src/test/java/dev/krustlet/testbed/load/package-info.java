/// What load on services comes to.
@org.jspecify.annotations.NullMarked
package dev.krustlet.testbed.load;
