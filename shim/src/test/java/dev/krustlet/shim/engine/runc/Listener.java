package dev.krustlet.shim.engine.runc;

import dev.krustlet.shim.os.Fd;
import dev.krustlet.shim.os.Fifos;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;

/// The reader of an output fifo, there before its writer as containerd is. A writing end of its own
/// keeps it from the end until [#begun].
public final class Listener implements AutoCloseable {
  private final Path fifo;
  private final Fd kept;
  private final BufferedReader reader;

  private Listener(Path fifo, Fd kept, BufferedReader reader) {
    this.fifo = fifo;
    this.kept = kept;
    this.reader = reader;
  }

  public static Listener at(Path fifo) throws IOException {
    Fifos.create(fifo);
    var kept = Fifos.openReadWrite(fifo);
    return new Listener(fifo, kept, Files.newBufferedReader(fifo));
  }

  public String target() {
    return fifo.toString();
  }

  /// The writer is there: when it goes, that is the end.
  public Listener begun() throws IOException {
    kept.close();
    return this;
  }

  public String line() throws IOException {
    return String.valueOf(reader.readLine());
  }

  /// All there is until the writer lets go.
  public String rest() throws IOException {
    var text = new StringWriter();
    reader.transferTo(text);
    return text.toString();
  }

  @Override
  public void close() throws IOException {
    kept.close();
    reader.close();
  }
}
