package dev.krustlet.shim.os;

import java.io.BufferedInputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.List;

/// Both ends of a program's standard streams, while it is being started.
final class ChildStreams implements AutoCloseable {
  private final List<Fd> childs = new ArrayList<>();
  OutputStream input = OutputStream.nullOutputStream();
  InputStream output = InputStream.nullInputStream();
  InputStream errors = InputStream.nullInputStream();

  private ChildStreams() {}

  static ChildStreams open(ChildStream in, ChildStream out, ChildStream err) throws IOException {
    var streams = new ChildStreams();
    try {
      streams.openInput(in);
      streams.output = streams.openOutput(out);
      streams.errors = streams.openOutput(err);
      return streams;
    } catch (IOException e) {
      streams.close();
      streams.closeOurs();
      throw e;
    }
  }

  /// The program's stdin, stdout and stderr.
  List<Fd> childs() {
    return childs;
  }

  private void openInput(ChildStream wanted) throws IOException {
    switch (wanted) {
      case ChildStream.File(var path) -> childs.add(Fd.openTrusted(path));
      case ChildStream.Pipe _ -> {
        LibcDescriptors.Pipe pipe = LibcDescriptors.pipe();
        childs.add(pipe.reading());
        try (Fd writing = pipe.writing()) {
          input = new FileOutputStream(writing.procPath().toFile());
        }
      }
      case ChildStream.Output _ -> throw new IllegalArgumentException("stdin is no output");
    }
  }

  private InputStream openOutput(ChildStream wanted) throws IOException {
    switch (wanted) {
      case ChildStream.File(var path) -> childs.add(Fd.openTrustedForWriting(path));
      case ChildStream.Output _ -> childs.add(childs.getLast());
      case ChildStream.Pipe _ -> {
        LibcDescriptors.Pipe pipe = LibcDescriptors.pipe();
        childs.add(pipe.writing());
        try (Fd reading = pipe.reading()) {
          return new BufferedInputStream(new PipeInput(reading));
        }
      }
    }
    return InputStream.nullInputStream();
  }

  /// Closes the program's ends.
  @Override
  public void close() throws ErrnoException {
    for (Fd each : childs) {
      each.close();
    }
  }

  void closeOurs() throws IOException {
    try (var _ = input;
        var _ = output;
        var _ = errors) {
      // closed in turn
    }
  }
}
