/// The demo, seen as its viewer sees it.
@org.jspecify.annotations.NullMarked
package dev.krustlet.testbed.demo;
