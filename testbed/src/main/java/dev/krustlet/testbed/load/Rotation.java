package dev.krustlet.testbed.load;

import java.net.InetSocketAddress;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;

/// The addresses behind one name, taken in turns: what a Service's endpoints are to its clients.
final class Rotation {
  private final List<InetSocketAddress> addresses = new CopyOnWriteArrayList<>();
  private final AtomicInteger turn = new AtomicInteger();

  void add(InetSocketAddress address) {
    addresses.add(address);
  }

  void remove(InetSocketAddress address) {
    addresses.remove(address);
  }

  InetSocketAddress next() {
    List<InetSocketAddress> now = List.copyOf(addresses);
    return now.get(Math.floorMod(turn.getAndIncrement(), now.size()));
  }
}
