package dev.krustlet.runtimeclass;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import org.junit.jupiter.api.Test;

final class RuntimeClassTest {
  private static final String QUANTITY = "[0-9]+(\\.[0-9]+)?(m|k|M|G|Ki|Mi|Gi)?";

  private static Node manifest() throws IOException {
    return Node.document(Checkout.text("runtimeclass/krustlet.yaml"));
  }

  @Test
  void itIsARuntimeClassNamedKrustlet() throws IOException {
    var manifest = manifest();

    assertThat(manifest.at("apiVersion").text()).isEqualTo("node.k8s.io/v1");
    assertThat(manifest.at("kind").text()).isEqualTo("RuntimeClass");
    assertThat(manifest.at("metadata").at("name").text()).isEqualTo("krustlet");
    assertThat(manifest.keys())
        .containsExactly("apiVersion", "handler", "kind", "metadata", "overhead", "scheduling");
  }

  @Test
  void theOverheadIsMadeOfQuantities() throws IOException {
    var overhead = manifest().at("overhead").at("podFixed");

    assertThat(overhead.keys()).contains("memory").isSubsetOf("cpu", "memory");
    assertThat(overhead.keys())
        .allSatisfy(key -> assertThat(overhead.at(key).text()).matches(QUANTITY));
  }

  @Test
  void podsGoOnlyToNodesThatHaveIt() throws IOException {
    var selector = manifest().at("scheduling").at("nodeSelector");

    assertThat(selector.at("krustlet.dev/installed").text()).isEqualTo("true");
    assertThat(Checkout.text("README.md")).contains("krustlet.dev/installed=true");
  }

  @Test
  void theKustomizationListsFilesThatExist() throws IOException {
    var kustomization = Node.document(Checkout.text("runtimeclass/kustomization.yaml"));

    assertThat(kustomization.at("kind").text()).isEqualTo("Kustomization");
    assertThat(kustomization.at("resources").texts())
        .contains("krustlet.yaml")
        .allSatisfy(name -> assertThat(Checkout.file("runtimeclass/" + name)).isRegularFile());
  }
}
