package dev.krustlet.ttrpc;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.MessageLite;
import com.google.protobuf.Parser;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/// A service: a name and its methods.
public final class Service {
  /// A method with its message types taken care of.
  interface Method {
    MessageLite call(CallContext context, ByteString payload)
        throws TtrpcException, InterruptedException;
  }

  private final String name;
  private final Map<String, Method> methods;

  private Service(String name, Map<String, Method> methods) {
    this.name = name;
    this.methods = Map.copyOf(methods);
  }

  /// Begins a service of that full name, e.g. `containerd.task.v2.Task`.
  public static Builder named(String name) {
    return new Builder(name);
  }

  public String name() {
    return name;
  }

  Optional<Method> method(String method) {
    return Optional.ofNullable(methods.get(method));
  }

  /// Collects the methods of a service.
  public static final class Builder {
    private final String name;
    private final Map<String, Method> methods = new LinkedHashMap<>();

    private Builder(String name) {
      this.name = name;
    }

    /// Adds a method; its name is unique in the service.
    public <Q extends MessageLite, R extends MessageLite> Builder method(
        String method, Parser<Q> parser, UnaryHandler<Q, R> handler) {
      Method earlier =
          methods.putIfAbsent(
              method,
              (context, payload) -> handler.handle(context, parse(method, parser, payload)));
      if (earlier != null) {
        throw new IllegalArgumentException("method %s/%s stands twice".formatted(name, method));
      }
      return this;
    }

    public Service build() {
      return new Service(name, methods);
    }

    private static <Q> Q parse(String method, Parser<Q> parser, ByteString payload)
        throws TtrpcException {
      try {
        return parser.parseFrom(payload);
      } catch (InvalidProtocolBufferException e) {
        throw new TtrpcException(
            Code.INTERNAL,
            "cannot read the request of %s: %s".formatted(method, e.getMessage()),
            e);
      }
    }
  }
}
