package dev.krustlet.proto;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.EnumDescriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Descriptors.FileDescriptor;
import com.google.protobuf.Descriptors.MethodDescriptor;
import dev.krustlet.proto.cri.v1.Services;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/// CRI's names, numbers and types as Kubernetes has them stand in `cri-v1.txt`, one line for a
/// message, an enum or a call: an edit by accident fails here.
class CriContractTest {
  @Test
  void everyMessageEnumAndCallIsThatOfKubernetes() throws IOException {
    assertThat(files().flatMap(CriContractTest::shapes).sorted())
        .containsExactlyElementsOf(written());
  }

  @Test
  void theServicesHaveTheNamesThatContainerdServes() {
    assertThat(Services.getDescriptor().getServices())
        .extracting(service -> service.getFullName())
        .containsExactly("runtime.v1.RuntimeService", "runtime.v1.ImageService");
  }

  private static List<String> written() throws IOException {
    try (var in = CriContractTest.class.getResourceAsStream("cri-v1.txt")) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8).lines().sorted().toList();
    }
  }

  private static Stream<FileDescriptor> files() {
    FileDescriptor services = Services.getDescriptor();
    return Stream.concat(
            Stream.of(services),
            services.getDependencies().stream()
                .flatMap(file -> Stream.concat(Stream.of(file), file.getDependencies().stream())))
        .distinct();
  }

  private static Stream<String> shapes(FileDescriptor file) {
    return Stream.of(
            file.getServices().stream().flatMap(s -> s.getMethods().stream()).map(m -> shape(m)),
            file.getEnumTypes().stream().map(CriContractTest::shape),
            file.getMessageTypes().stream().map(CriContractTest::shape),
            file.getMessageTypes().stream()
                .flatMap(m -> m.getEnumTypes().stream())
                .map(e -> shape(e)))
        .flatMap(lines -> lines);
  }

  private static String shape(MethodDescriptor call) {
    return "rpc %s/%s(%s) %s"
        .formatted(
            call.getService().getName(),
            call.getName(),
            call.getInputType().getName(),
            call.getOutputType().getName());
  }

  private static String shape(EnumDescriptor type) {
    return type.getValues().stream()
        .map(value -> value.getNumber() + " " + value.getName())
        .collect(Collectors.joining(", ", "enum " + name(type.getFullName()) + "(", ")"));
  }

  private static String shape(Descriptor message) {
    return message.getFields().stream()
        .sorted(Comparator.comparingInt(FieldDescriptor::getNumber))
        .map(CriContractTest::shape)
        .collect(Collectors.joining(", ", name(message.getFullName()) + "(", ")"));
  }

  private static String shape(FieldDescriptor field) {
    return "%d %s%s %s"
        .formatted(field.getNumber(), field.isRepeated() ? "*" : "", type(field), field.getName());
  }

  private static String type(FieldDescriptor field) {
    return switch (field.getJavaType()) {
      case MESSAGE -> field.getMessageType().getName();
      case ENUM -> field.getEnumType().getName();
      case INT, LONG, FLOAT, DOUBLE, BOOLEAN, STRING, BYTE_STRING ->
          field.getType().name().toLowerCase(Locale.ROOT);
    };
  }

  private static String name(String full) {
    return full.substring("runtime.v1.".length());
  }
}
