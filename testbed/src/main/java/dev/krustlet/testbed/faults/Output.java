package dev.krustlet.testbed.faults;

import dev.krustlet.testbed.Await;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.Optional;

/// One fifo's reader: a thread that opens it as soon as somebody writes, and takes everything until
/// the end.
final class Output implements AutoCloseable {
  private static final Duration END = Duration.ofSeconds(10);

  private final Path fifo;
  private final Readers readers;
  private final Thread thread;
  private final ByteArrayOutputStream read = new ByteArrayOutputStream(); // under itself
  private volatile Optional<FileChannel> open = Optional.empty();
  private volatile boolean closing;
  private volatile String problem = "";

  private Output(Path fifo, Readers readers) {
    this.fifo = fifo;
    this.readers = readers;
    this.thread = Thread.ofPlatform().daemon().name("reader").unstarted(this::run);
  }

  static Output of(Path fifo, Readers readers) {
    var output = new Output(fifo, readers);
    readers.add(output);
    output.thread.start();
    return output;
  }

  Path fifo() {
    return fifo;
  }

  /// What was read so far.
  String text() {
    synchronized (read) {
      return read.toString(StandardCharsets.UTF_8);
    }
  }

  /// What went wrong with the reading; empty if nothing did.
  String problem() {
    return problem;
  }

  /// Closes the fifo, to open it again when readers are back.
  void letGo() throws IOException {
    var channel = open;
    if (channel.isPresent()) {
      channel.get().close();
    }
  }

  /// The writer has ended and is deleted: returns when everything that is still there was read.
  void awaitEnd() throws IOException, InterruptedException {
    closing = true;
    Await.until("the end of " + fifo, END, this::hasEnded);
  }

  /// An open that waits for a writer ends when there is one, if only for a moment.
  private boolean hasEnded() throws IOException {
    if (thread.isAlive() && open.isEmpty()) {
      new RandomAccessFile(fifo.toFile(), "rw").close();
    }
    return !thread.isAlive();
  }

  private void run() {
    try {
      boolean ended = false;
      while (!ended && !Thread.currentThread().isInterrupted()) {
        readers.awaitTurn();
        ended = readOnce();
      }
    } catch (IOException e) {
      problem = String.valueOf(e.getMessage());
    } catch (InterruptedException _) {
      problem = "it was interrupted";
    } finally {
      readers.remove(this);
    }
  }

  /// @return false if it was made to let go
  private boolean readOnce() throws IOException, InterruptedException {
    try (var channel = FileChannel.open(fifo, StandardOpenOption.READ)) {
      open = Optional.of(channel);
      if (readers.areGone()) {
        return false;
      }
      var buffer = ByteBuffer.allocate(1 << 14);
      while (channel.read(buffer.clear()) >= 0) {
        synchronized (read) {
          read.write(buffer.array(), 0, buffer.position());
        }
        readers.awaitTurn();
      }
      return true;
    } catch (ClosedChannelException _) {
      return false;
    } finally {
      open = Optional.empty();
    }
  }

  /// Reads no more, whatever still comes.
  @Override
  public void close() throws IOException {
    readers.remove(this);
    thread.interrupt();
    if (thread.isAlive() && open.isEmpty() && !closing) {
      new RandomAccessFile(fifo.toFile(), "rw").close();
    }
  }
}
