/// HTTP by hand, against sockets that answer what a test says.
@org.jspecify.annotations.NullMarked
package dev.krustlet.testbed.http;
