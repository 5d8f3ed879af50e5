package dev.krustlet.shim.oci;

/// A part of a spec that came by itself, beside a bundle: as we read it, and as it was written.
/// runc is given the text, so nothing is lost by what we do not read.
///
/// @param json the text that `value` was read from
public record Document<T>(T value, String json) {}
