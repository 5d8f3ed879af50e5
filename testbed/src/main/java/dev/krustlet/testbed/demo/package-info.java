/// A pod shown to a newcomer. Imports `testbed`, `testbed.pods` and `proto`.
@org.jspecify.annotations.NullMarked
package dev.krustlet.testbed.demo;
