package dev.krustlet.command.image;

import java.time.Instant;
import java.util.List;

/// What an image says beside its contents. The same settings and bytes give the same digests.
///
/// @param architecture of an ordinary image, as images call it
/// @param environment `NAME=VALUE` each
/// @param arguments that follow the file unless others are given
public record ImageSettings(
    String architecture, List<String> environment, List<String> arguments, Instant created) {}
