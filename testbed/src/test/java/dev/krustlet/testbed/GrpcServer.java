package dev.krustlet.testbed;

import io.grpc.Server;
import io.grpc.netty.NettyServerBuilder;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.concurrent.TimeUnit;

/// A server on the node, where its pods reach it, that speaks gRPC over HTTP/2 without TLS and has
/// no method.
record GrpcServer(EventLoopGroup loop, Server server) implements AutoCloseable {
  static GrpcServer start(String address) throws IOException {
    var threads = Thread.ofPlatform().name("grpc-server-", 0).daemon().factory();
    var loop = new MultiThreadIoEventLoopGroup(1, threads, NioIoHandler.newFactory());
    var server =
        NettyServerBuilder.forAddress(new InetSocketAddress(address, 0))
            .channelType(NioServerSocketChannel.class)
            .bossEventLoopGroup(loop)
            .workerEventLoopGroup(loop)
            .build();
    return new GrpcServer(loop, server.start());
  }

  int port() {
    return server.getPort();
  }

  @Override
  public void close() {
    server.shutdownNow();
    var _ = loop.shutdownGracefully(0, 1, TimeUnit.SECONDS); // its threads keep nobody alive
  }
}
