package dev.krustlet.shim.oci;

import com.google.gson.JsonSyntaxException;
import com.google.gson.TypeAdapter;
import com.google.gson.stream.JsonReader;
import com.google.gson.stream.JsonToken;
import com.google.gson.stream.JsonWriter;
import java.io.IOException;
import java.math.BigInteger;
import java.util.regex.Pattern;

/// Numbers of the spec, whose unsigned 32 and 64 bit fields Java has no types for: a 32 bit one
/// keeps its bits, a 64 bit one that is too large becomes the largest there is.
final class WholeNumbers {
  private static final Pattern WHOLE = Pattern.compile("-?[0-9]{1,20}");
  private static final BigInteger MIN_LONG = BigInteger.valueOf(Long.MIN_VALUE);
  private static final BigInteger MAX_LONG = BigInteger.valueOf(Long.MAX_VALUE);
  private static final long MAX_UNSIGNED_INT = 0xffff_ffffL;

  private WholeNumbers() {}

  static final class OfLong extends TypeAdapter<Long> {
    @Override
    public Long read(JsonReader in) throws IOException {
      return whole(in);
    }

    @Override
    public void write(JsonWriter out, Long value) throws IOException {
      out.value(value);
    }
  }

  static final class OfInt extends TypeAdapter<Integer> {
    @Override
    public Integer read(JsonReader in) throws IOException {
      long value = whole(in);
      if (value < Integer.MIN_VALUE || value > MAX_UNSIGNED_INT) {
        throw new JsonSyntaxException(value + " is beyond 32 bits");
      }
      return (int) value;
    }

    @Override
    public void write(JsonWriter out, Integer value) throws IOException {
      out.value(value);
    }
  }

  private static long whole(JsonReader in) throws IOException {
    if (in.peek() == JsonToken.NULL) {
      in.nextNull();
      return 0;
    }
    if (in.peek() != JsonToken.NUMBER) {
      throw new JsonSyntaxException("a number is expected");
    }
    String text = in.nextString();
    if (!WHOLE.matcher(text).matches()) {
      throw new JsonSyntaxException("a whole number is expected");
    }
    return new BigInteger(text).min(MAX_LONG).max(MIN_LONG).longValue();
  }
}
