package dev.krustlet.ttrpc;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.io.ByteArrayInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.nio.channels.Channels;
import java.util.Arrays;

/// Whatever arrives: frames come out byte for byte as they went in, or the stream ends inside one.
class FrameReaderFuzz {
  @FuzzTest(maxDuration = "2s")
  void framesAreTheBytesThatArrived(byte[] bytes) throws IOException {
    var reader = new FrameReader(Channels.newChannel(new ByteArrayInputStream(bytes)));
    int offset = 0;
    try {
      for (var frame = reader.next(); frame.isPresent(); frame = reader.next()) {
        byte[] encoded = frame.get().encode().array();
        int end = offset + encoded.length;
        assertThat(frame.get().oversize()).isFalse(); // the input is shorter than an oversize frame
        assertThat(encoded).isEqualTo(Arrays.copyOfRange(bytes, offset, end));
        offset = end;
      }
      assertThat(offset).isEqualTo(bytes.length);
    } catch (EOFException _) {
      assertThat(offset).isLessThan(bytes.length);
    }
  }
}
