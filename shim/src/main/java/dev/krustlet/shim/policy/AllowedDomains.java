package dev.krustlet.shim.policy;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// The list that Krustlet of old read for the experimental HTTP interface of its day: JSON, with a
/// URL for each host. Of a URL its host counts, and its port if it names one; any scheme will do.
final class AllowedDomains {
  /// An entry that allows every host.
  private static final String ALL = "insecure:allow-all";

  private AllowedDomains() {}

  /// The rules that say the same; none if every host is allowed.
  ///
  /// @throws IllegalArgumentException with a sentence that says what is wrong
  static Optional<List<OutboundRule>> parse(String json) {
    List<OutboundRule> rules = new ArrayList<>();
    for (JsonElement entry : array(json)) {
      if (!entry.isJsonPrimitive() || !entry.getAsJsonPrimitive().isString()) {
        throw new IllegalArgumentException("%s is no URL in quotes".formatted(entry));
      }
      String text = entry.getAsString();
      if (text.equals(ALL)) {
        return Optional.empty();
      }
      rules.add(OutboundRule.parse(text.contains("://") ? authority(text) : text));
    }
    return Optional.of(rules);
  }

  private static JsonArray array(String json) {
    try {
      if (JsonParser.parseString(json) instanceof JsonArray array) {
        return array;
      }
    } catch (JsonParseException _) {
      // told below
    }
    throw new IllegalArgumentException(
        "'%s' is no JSON list like [\"https://example.com\"]".formatted(json));
  }

  private static String authority(String url) {
    try {
      URI uri = URI.create(url);
      if (uri.getHost() != null) {
        return uri.getPort() < 0 ? uri.getHost() : uri.getHost() + ":" + uri.getPort();
      }
    } catch (IllegalArgumentException _) {
      // told below
    }
    throw new IllegalArgumentException("'%s' is no URL with a host".formatted(url));
  }
}
