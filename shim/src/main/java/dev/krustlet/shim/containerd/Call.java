package dev.krustlet.shim.containerd;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.MessageLite;
import com.google.protobuf.Parser;
import dev.krustlet.proto.services.containers.GetContainerRequest;
import dev.krustlet.proto.services.containers.GetContainerResponse;
import dev.krustlet.proto.services.content.ReadContentRequest;
import dev.krustlet.proto.services.content.ReadContentResponse;
import dev.krustlet.proto.services.images.GetImageRequest;
import dev.krustlet.proto.services.images.GetImageResponse;
import io.grpc.MethodDescriptor;
import io.grpc.MethodDescriptor.MethodType;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.io.InputStream;

/// One method of containerd's gRPC services.
record Call<Q extends MessageLite, A extends MessageLite>(MethodDescriptor<Q, A> method) {
  static final Call<GetContainerRequest, GetContainerResponse> CONTAINER =
      of(
          MethodType.UNARY,
          "containers.v1.Containers/Get",
          GetContainerRequest.parser(),
          GetContainerResponse.parser());
  static final Call<GetImageRequest, GetImageResponse> IMAGE =
      of(
          MethodType.UNARY,
          "images.v1.Images/Get",
          GetImageRequest.parser(),
          GetImageResponse.parser());
  static final Call<ReadContentRequest, ReadContentResponse> READ =
      of(
          MethodType.SERVER_STREAMING,
          "content.v1.Content/Read",
          ReadContentRequest.parser(),
          ReadContentResponse.parser());

  private static <Q extends MessageLite, A extends MessageLite> Call<Q, A> of(
      MethodType type, String path, Parser<Q> question, Parser<A> answer) {
    return new Call<>(
        MethodDescriptor.<Q, A>newBuilder()
            .setType(type)
            .setFullMethodName("containerd.services." + path)
            .setRequestMarshaller(new Messages<>(question))
            .setResponseMarshaller(new Messages<>(answer))
            .build());
  }

  @Override
  public String toString() {
    return method.getFullMethodName();
  }

  private record Messages<M extends MessageLite>(Parser<M> parser)
      implements MethodDescriptor.Marshaller<M> {
    @Override
    public InputStream stream(M message) {
      return message.toByteString().newInput();
    }

    @Override
    public M parse(InputStream bytes) {
      try {
        return parser.parseFrom(bytes);
      } catch (InvalidProtocolBufferException e) {
        throw new StatusRuntimeException(
            Status.INTERNAL.withDescription(e.getMessage()).withCause(e));
      }
    }
  }
}
