package dev.krustlet.bench;

import java.io.IOException;
import java.util.List;

/// Something to find out on a node. What does not work there is an [IOException]: a figure of
/// failures is none.
interface Measurement {
  /// For the progress: what is being measured.
  String name();

  List<Figure> measure(Node node, int iterations) throws IOException, InterruptedException;
}
