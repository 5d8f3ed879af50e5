package dev.krustlet.command.registry;

import com.fasterxml.jackson.annotation.JsonRawValue;
import com.fasterxml.jackson.annotation.JsonValue;
import com.google.cloud.tools.jib.image.json.ManifestTemplate;

/// A manifest as it is: jib would write one that it understands, and with that another digest.
record ManifestText(String mediaType, String json) implements ManifestTemplate {
  @JsonValue
  @JsonRawValue
  @Override
  public String json() {
    return json;
  }

  @Override
  public int getSchemaVersion() {
    return 2;
  }

  @Override
  public String getManifestMediaType() {
    return mediaType;
  }
}
