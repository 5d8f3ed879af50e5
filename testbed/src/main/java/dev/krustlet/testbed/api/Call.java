package dev.krustlet.testbed.api;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.io.InputStream;

/// One method of containerd's gRPC services.
record Call<Q extends Message, A extends Message>(MethodDescriptor<Q, A> method) {
  static <Q extends Message, A extends Message> Call<Q, A> of(String path, Q question, A answer) {
    return of(MethodDescriptor.MethodType.UNARY, path, question, answer);
  }

  static <Q extends Message, A extends Message> Call<Q, A> streaming(
      String path, Q question, A answer) {
    return of(MethodDescriptor.MethodType.SERVER_STREAMING, path, question, answer);
  }

  private static <Q extends Message, A extends Message> Call<Q, A> of(
      MethodDescriptor.MethodType type, String path, Q question, A answer) {
    return new Call<>(
        MethodDescriptor.<Q, A>newBuilder()
            .setType(type)
            .setFullMethodName("containerd.services." + path)
            .setRequestMarshaller(new MessageMarshaller<>(question))
            .setResponseMarshaller(new MessageMarshaller<>(answer))
            .build());
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
