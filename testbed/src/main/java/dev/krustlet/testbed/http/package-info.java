/// HTTP as a test wants it said: piece by piece, and with the end of each connection in sight.
/// Imports `testbed`.
@org.jspecify.annotations.NullMarked
package dev.krustlet.testbed.http;
