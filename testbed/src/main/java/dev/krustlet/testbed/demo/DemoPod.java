package dev.krustlet.testbed.demo;

import com.google.protobuf.ByteString;
import dev.krustlet.proto.cri.v1.ContainerConfig;
import dev.krustlet.proto.cri.v1.Mount;
import dev.krustlet.testbed.ImageArchive;
import dev.krustlet.testbed.Installation;
import dev.krustlet.testbed.pods.Pod;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/// The containers of the demo's pod: a wasm module that writes numbers to a shared volume, a shell
/// that follows the file, and a wasm module that tells what it was given and ends.
record DemoPod(Path volume) {
  static final String MODULES = "localhost/krustlet/demo:1";
  static final String BUSYBOX = "localhost/busybox:1";
  static final int STATUS = 42;

  static List<ImageArchive> images(Installation installation) throws IOException {
    byte[] busybox = Files.readAllBytes(Path.of("/usr/bin/busybox"));
    return List.of(
        new ImageArchive(MODULES)
            .file("counter.wasm", 0644, Files.readAllBytes(installation.example("counter")))
            .file("hello.wasm", 0644, Files.readAllBytes(installation.example("hello"))),
        new ImageArchive(BUSYBOX)
            .directory("bin", 0755)
            .file("bin/busybox", 0755, busybox)
            .link("bin/sh", "busybox")
            .link("bin/tail", "busybox")
            .link("bin/touch", "busybox"));
  }

  ContainerConfig.Builder counter() {
    return Pod.container(
            "counter", MODULES, "/counter.wasm", "--interval", "250", "--out", "/shared/numbers")
        .addMounts(shared());
  }

  ContainerConfig.Builder sidecar() {
    String follow = "trap 'exit 0' TERM; touch /shared/numbers; tail -f /shared/numbers & wait";
    return Pod.container("sidecar", BUSYBOX, "/bin/sh", "-c", follow).addMounts(shared());
  }

  ContainerConfig.Builder hello() {
    var hello = Pod.container("hello", MODULES, "/hello.wasm", "--exit", Integer.toString(STATUS));
    hello.addEnvsBuilder().setKey("GREETING").setValue(ByteString.copyFromUtf8("good morning"));
    return hello;
  }

  private Mount shared() {
    return Mount.newBuilder().setHostPath(volume.toString()).setContainerPath("/shared").build();
  }
}
