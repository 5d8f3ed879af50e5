package dev.krustlet.command.registry;

/// How a registry is spoken to.
///
/// @param insecure whether plain HTTP and TLS without a proof will do; on loopback they always do
public record Access(Login login, boolean insecure) {}
