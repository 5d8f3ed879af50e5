package dev.krustlet.testbed.pods;

import dev.krustlet.proto.cri.v1.ContainerConfig;
import dev.krustlet.proto.cri.v1.Mount;
import java.nio.file.Path;

/// A pod's manifest, as far as the examples go: what a kubelet makes of it for containerd.
///
/// @param spec its part of that name
record PodManifest(Yaml spec) {
  static PodManifest of(Yaml document) {
    return new PodManifest(document.at("spec"));
  }

  String runtimeClass() {
    return spec.at("runtimeClassName").text();
  }

  String image(String container) {
    return named(container).at("image").text();
  }

  /// What a kubelet asks CRI for, with every volume in one directory of the node.
  ContainerConfig.Builder container(String name, Path volumes) {
    Yaml container = named(name);
    var config = ContainerConfig.newBuilder().setLogPath(name + ".log");
    config.getMetadataBuilder().setName(name);
    config.getImageBuilder().setImage(image(name));
    container.items("command").forEach(word -> config.addCommand(word.text()));
    container.items("args").forEach(word -> config.addArgs(word.text()));
    for (Yaml mount : container.items("volumeMounts")) {
      config.addMounts(
          Mount.newBuilder()
              .setHostPath(volumes.resolve(mount.at("name").text()).toString())
              .setContainerPath(mount.at("mountPath").text()));
    }
    long user = Long.parseLong(spec.at("securityContext").at("runAsUser").text());
    config.getLinuxBuilder().getSecurityContextBuilder().getRunAsUserBuilder().setValue(user);
    return config;
  }

  private Yaml named(String name) {
    return spec.items("containers").stream()
        .filter(each -> each.at("name").text().equals(name))
        .findFirst()
        .orElseThrow();
  }
}
