package dev.krustlet.shim.rpc;

import com.google.protobuf.MessageLite;
import com.google.protobuf.Parser;
import dev.krustlet.shim.engine.TaskException;
import dev.krustlet.shim.engine.TaskException.Code;
import dev.krustlet.shim.task.TaskService;
import dev.krustlet.ttrpc.CallContext;
import dev.krustlet.ttrpc.Service;
import dev.krustlet.ttrpc.TtrpcException;
import java.util.List;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// containerd's Task service. The messages of v3 are those of v2 byte for byte, so one
/// implementation, on v2's classes, stands under both names.
public final class TaskApi {
  /// What answers one method; refusals are translated in one place.
  interface Answer<Q, R> {
    R to(Q request) throws TaskException, InterruptedException;
  }

  private static final Logger LOG = LoggerFactory.getLogger(TaskApi.class);
  private static final String NAMESPACE = "containerd-namespace-ttrpc";

  private final String namespace;
  private final Service.Builder service;

  private TaskApi(String namespace, Service.Builder service) {
    this.namespace = namespace;
    this.service = service;
  }

  /// The services to serve.
  public static List<Service> services(
      TaskService tasks, String namespace, CgroupVersion cgroups, int daemonPid) {
    var processes = new ProcessCalls(tasks);
    var containers = new ContainerCalls(tasks, cgroups, daemonPid);
    return Stream.concat(
            Stream.of("containerd.task.v2.Task", "containerd.task.v3.Task")
                .map(name ->
                    new TaskApi(namespace, Service.named(name)).serving(processes, containers)),
            Stream.of(DiscardCall.service(tasks, namespace)))
        .toList();
  }

  /// A service of one method.
  static <Q extends MessageLite, R extends MessageLite> Service single(
      String namespace, String service, String method, Parser<Q> parser, Answer<Q, R> answer) {
    var api = new TaskApi(namespace, Service.named(service));
    api.method(method, parser, answer);
    return api.service.build();
  }

  private Service serving(ProcessCalls processes, ContainerCalls containers) {
    processes.join(this);
    containers.join(this);
    return service.build();
  }

  <Q extends MessageLite, R extends MessageLite> void method(
      String name, Parser<Q> parser, Answer<Q, R> answer) {
    service.method(name, parser, (context, request) -> answered(name, context, request, answer));
  }

  private <Q, R> R answered(String name, CallContext context, Q request, Answer<Q, R> answer)
      throws TtrpcException, InterruptedException {
    try {
      checkNamespace(context);
      return answer.to(request);
    } catch (TaskException e) {
      LOG.debug("{} refused", name, e);
      throw Wire.refusal(e);
    } catch (RuntimeException e) {
      LOG.warn("{} failed", name, e);
      throw new TtrpcException(
          dev.krustlet.ttrpc.Code.UNKNOWN, Wire.bounded(name + " failed: " + e), e);
    }
  }

  private void checkNamespace(CallContext context) throws TaskException {
    String asked = context.metadata(NAMESPACE).orElse(namespace);
    if (!asked.equals(namespace)) {
      throw new TaskException(
          Code.INVALID_ARGUMENT,
          "this daemon serves namespace %s, not %s".formatted(namespace, asked));
    }
  }
}
