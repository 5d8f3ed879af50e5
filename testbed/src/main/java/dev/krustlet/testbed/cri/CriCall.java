package dev.krustlet.testbed.cri;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.io.InputStream;

/// One call of CRI: its name, what is asked and what is answered.
public final class CriCall<Q extends Message, A extends Message> {
  private final MethodDescriptor<Q, A> method;

  private CriCall(MethodDescriptor<Q, A> method) {
    this.method = method;
  }

  /// @param service without its package
  static <Q extends Message, A extends Message> CriCall<Q, A> of(
      String service, String name, Q question, A answer) {
    return new CriCall<>(
        MethodDescriptor.<Q, A>newBuilder()
            .setType(MethodDescriptor.MethodType.UNARY)
            .setFullMethodName("runtime.v1.%s/%s".formatted(service, name))
            .setRequestMarshaller(new MessageMarshaller<>(question))
            .setResponseMarshaller(new MessageMarshaller<>(answer))
            .build());
  }

  MethodDescriptor<Q, A> method() {
    return method;
  }

  /// Its name without the service's.
  @Override
  public String toString() {
    return String.valueOf(method.getBareMethodName());
  }

  private record MessageMarshaller<M extends Message>(M example)
      implements MethodDescriptor.Marshaller<M> {
    @Override
    public InputStream stream(M message) {
      return message.toByteString().newInput();
    }

    @Override
    @SuppressWarnings("unchecked") // a message's parser makes messages of its type
    public M parse(InputStream bytes) {
      try {
        return (M) example.getParserForType().parseFrom(bytes);
      } catch (InvalidProtocolBufferException e) {
        throw new StatusRuntimeException(Status.INTERNAL.withDescription(e.getMessage()));
      }
    }
  }
}
