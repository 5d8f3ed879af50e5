package dev.krustlet.testbed.cri;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Message;
import dev.krustlet.proto.cri.v1.Services;
import io.grpc.MethodDescriptor;
import java.io.ByteArrayInputStream;
import java.lang.reflect.Modifier;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class CriCallsTest {
  @Test
  void theCallsAreThoseOfTheServicesWithTheirMessages() throws IllegalAccessException {
    List<String> written =
        Services.getDescriptor().getServices().stream()
            .flatMap(service -> service.getMethods().stream())
            .map(method ->
                "%s/%s(%s) %s"
                    .formatted(
                        method.getService().getFullName(),
                        method.getName(),
                        method.getInputType().getName(),
                        method.getOutputType().getName()))
            .toList();
    assertThat(
            Arrays.stream(CriCalls.class.getDeclaredFields()).filter(f -> isCall(f.getModifiers())))
        .extracting(field -> shape((CriCall<?, ?>) field.get(null)))
        .containsExactlyInAnyOrderElementsOf(written);
  }

  private static boolean isCall(int modifiers) {
    return Modifier.isPublic(modifiers) && Modifier.isStatic(modifiers);
  }

  private static String shape(CriCall<?, ?> call) {
    MethodDescriptor<?, ?> method = call.method();
    Message question = (Message) method.parseRequest(new ByteArrayInputStream(new byte[0]));
    Message answer = (Message) method.parseResponse(new ByteArrayInputStream(new byte[0]));
    return "%s(%s) %s"
        .formatted(
            method.getFullMethodName(),
            question.getDescriptorForType().getName(),
            answer.getDescriptorForType().getName());
  }
}
