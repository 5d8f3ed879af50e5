package dev.krustlet.command.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.krustlet.shim.modules.EngineProgram;
import dev.krustlet.shim.os.Processes;
import dev.krustlet.shim.settings.Home;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/// The command in an installation of its own, with an engine that the build made, its guests'
/// streams in files.
record Krustlet(Path directory, Path engine) {
  /// What one call left.
  ///
  /// @param out printed by the command itself
  /// @param err printed by the command itself
  record Outcome(int status, String out, String err, String guestOut, String guestErr) {}

  /// @param directory an empty one
  static Krustlet installed(Path directory) throws IOException {
    Path engine = Path.of(System.getProperty("krustlet.engine"));
    // A build without the rails may be one without the engine.
    assumeTrue(Files.exists(engine) || System.getProperty("quick") == null);
    assertThat(engine).isExecutable();
    return new Krustlet(directory, engine).prepared();
  }

  /// One with both engines.
  static Krustlet withPortable(Path directory) throws IOException {
    var krustlet = installed(directory);
    krustlet.linkPortable();
    return krustlet;
  }

  /// One that was built without Rust.
  ///
  /// @param directory an empty one
  static Krustlet portableAlone(Path directory) throws IOException {
    var krustlet = new Krustlet(directory, directory.resolve("krustlet-engine")).prepared();
    krustlet.linkPortable();
    Files.createFile(directory.resolve("lib/portable/alone"));
    return krustlet;
  }

  private Krustlet prepared() throws IOException {
    Files.writeString(directory.resolve("version"), "1.2.3-abc\n");
    Files.createFile(directory.resolve("in"));
    return this;
  }

  private void linkPortable() throws IOException {
    Path built = Path.of(System.getProperty("krustlet.portable"));
    Path portable = Files.createDirectories(directory.resolve("lib/portable"));
    for (String name : List.of("libwasmtime_jni.so", "wasmtime-java-meta.properties")) {
      Files.createSymbolicLink(portable.resolve(name), built.resolve(name));
    }
  }

  static Path example(String name) {
    return Path.of(System.getProperty("krustlet.root"), "examples", name, name + ".wasm");
  }

  /// A guest of the engine's own tests.
  static Path guest(String name) {
    return Path.of(
        System.getProperty("krustlet.root"), "engine/tests/guests", name, name + ".wasm");
  }

  Krustlet withEngine(Path other) {
    return new Krustlet(directory, other);
  }

  Path cache() {
    return directory.resolve("cache");
  }

  Outcome call(Object... args) throws IOException {
    var out = new StringWriter();
    var err = new StringWriter();
    var words = new String[args.length];
    for (int i = 0; i < args.length; i++) {
      words[i] = args[i].toString();
    }
    Path guestOut = directory.resolve("out");
    Path guestErr = directory.resolve("err");
    int status =
        Main.commandLine(installation(), streams(guestOut, guestErr))
            .setOut(new PrintWriter(out, true))
            .setErr(new PrintWriter(err, true))
            .execute(words);
    return new Outcome(status, out.toString(), err.toString(), textOf(guestOut), textOf(guestErr));
  }

  private Installation installation() throws IOException {
    return new Installation(
        new Home(directory),
        new EngineProgram(engine, Processes.uid() == 0, false),
        () -> new Installation.CachePlace(cache(), 1 << 30, false));
  }

  private StandardStreams streams(Path guestOut, Path guestErr) {
    return new StandardStreams(
        Redirect.from(directory.resolve("in").toFile()),
        Redirect.to(guestOut.toFile()),
        Redirect.to(guestErr.toFile()));
  }

  private static String textOf(Path file) throws IOException {
    return Files.exists(file) ? Files.readString(file) : "";
  }
}
