package dev.krustlet.proto;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import dev.krustlet.proto.bootstrap.v1.BootstrapParams;
import dev.krustlet.proto.bootstrap.v1.BootstrapResult;
import dev.krustlet.proto.cgroups.v1.MemoryOomControl;
import dev.krustlet.proto.cgroups.v2.MemoryEvents;
import dev.krustlet.proto.events.TaskCreate;
import dev.krustlet.proto.events.TaskDelete;
import dev.krustlet.proto.events.TaskExit;
import dev.krustlet.proto.runc.v1.Options;
import dev.krustlet.proto.services.events.ForwardRequest;
import dev.krustlet.proto.task.v2.CreateTaskRequest;
import dev.krustlet.proto.task.v2.DeleteResponse;
import dev.krustlet.proto.task.v2.KillRequest;
import dev.krustlet.proto.task.v2.StateResponse;
import dev.krustlet.proto.task.v2.WaitResponse;
import dev.krustlet.proto.types.Envelope;
import dev.krustlet.proto.types.Mount;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/// The names, numbers and types that containerd has, written down a second time: an edit by
/// accident fails here.
class WireContractTest {
  private static String shape(Descriptor message) {
    return message.getFullName()
        + message.getFields().stream()
            .map(WireContractTest::shape)
            .collect(Collectors.joining(", ", "(", ")"));
  }

  private static String shape(FieldDescriptor field) {
    String type =
        field.getJavaType() == FieldDescriptor.JavaType.MESSAGE
            ? field.getMessageType().getName()
            : field.getType().name().toLowerCase(java.util.Locale.ROOT);
    return "%d %s%s %s"
        .formatted(field.getNumber(), field.isRepeated() ? "*" : "", type, field.getName());
  }

  @Test
  void taskMessages() {
    assertThat(shape(CreateTaskRequest.getDescriptor()))
        .isEqualTo(
            "containerd.task.v2.CreateTaskRequest(1 string id, 2 string bundle, 3 *Mount rootfs, 4 bool terminal, 5 string stdin,"
                + " 6 string stdout, 7 string stderr, 8 string checkpoint, 9 string parent_checkpoint, 10 Any options)");
    assertThat(shape(StateResponse.getDescriptor()))
        .isEqualTo(
            "containerd.task.v2.StateResponse(1 string id, 2 string bundle, 3 uint32 pid, 4 enum status, 5 string stdin,"
                + " 6 string stdout, 7 string stderr, 8 bool terminal, 9 uint32 exit_status, 10 Timestamp exited_at, 11 string exec_id)");
    assertThat(shape(DeleteResponse.getDescriptor()))
        .isEqualTo(
            "containerd.task.v2.DeleteResponse(1 uint32 pid, 2 uint32 exit_status, 3 Timestamp exited_at)");
    assertThat(shape(WaitResponse.getDescriptor()))
        .isEqualTo("containerd.task.v2.WaitResponse(1 uint32 exit_status, 2 Timestamp exited_at)");
    assertThat(shape(KillRequest.getDescriptor()))
        .isEqualTo(
            "containerd.task.v2.KillRequest(1 string id, 2 string exec_id, 3 uint32 signal, 4 bool all)");
  }

  @Test
  void theTwoTaskServicesDifferInTheirPackageAlone() {
    var v2 = CreateTaskRequest.getDescriptor().getFile();
    var v3 = dev.krustlet.proto.task.v3.CreateTaskRequest.getDescriptor().getFile();

    assertThat(v3.getMessageTypes().stream().map(m -> shape(m).replace("task.v3", "task.v2")))
        .isEqualTo(v2.getMessageTypes().stream().map(WireContractTest::shape).toList());
    assertThat(v3.getServices().getFirst().getMethods().stream().map(m -> m.getName()))
        .isEqualTo(v2.getServices().getFirst().getMethods().stream().map(m -> m.getName()).toList())
        .hasSize(17);
  }

  @Test
  void eventMessages() {
    assertThat(shape(Envelope.getDescriptor()))
        .isEqualTo(
            "containerd.types.Envelope(1 Timestamp timestamp, 2 string namespace, 3 string topic, 4 Any event)");
    assertThat(shape(ForwardRequest.getDescriptor()))
        .isEqualTo("containerd.services.events.ttrpc.v1.ForwardRequest(1 Envelope envelope)");
    assertThat(shape(TaskCreate.getDescriptor()))
        .isEqualTo(
            "containerd.events.TaskCreate(1 string container_id, 2 string bundle, 3 *Mount rootfs, 4 TaskIO io,"
                + " 5 string checkpoint, 6 uint32 pid)");
    assertThat(shape(TaskExit.getDescriptor()))
        .isEqualTo(
            "containerd.events.TaskExit(1 string container_id, 2 string id, 3 uint32 pid, 4 uint32 exit_status, 5 Timestamp exited_at)");
    assertThat(shape(TaskDelete.getDescriptor()))
        .isEqualTo(
            "containerd.events.TaskDelete(1 string container_id, 2 uint32 pid, 3 uint32 exit_status, 4 Timestamp exited_at, 5 string id)");
    assertThat(shape(Mount.getDescriptor()))
        .isEqualTo(
            "containerd.types.Mount(1 string type, 2 string source, 3 string target, 4 *string options)");
  }

  @Test
  void optionsAndBootstrap() {
    assertThat(shape(dev.krustlet.proto.runtimeoptions.v1.Options.getDescriptor()))
        .isEqualTo(
            "runtimeoptions.v1.Options(1 string type_url, 2 string config_path, 3 bytes config_body)");
    assertThat(Options.SYSTEMD_CGROUP_FIELD_NUMBER).isEqualTo(9);
    assertThat(Options.BINARY_NAME_FIELD_NUMBER).isEqualTo(6);
    assertThat(Options.ROOT_FIELD_NUMBER).isEqualTo(7);
    assertThat(shape(BootstrapParams.getDescriptor()))
        .isEqualTo(
            "containerd.runtime.bootstrap.v1.BootstrapParams(1 string instance_id, 2 string namespace, 3 int32 log_level,"
                + " 4 string containerd_version, 5 string containerd_ttrpc_address, 6 string containerd_grpc_address,"
                + " 7 string containerd_binary, 8 *Extension extensions, 9 string socket_dir)");
    assertThat(shape(BootstrapResult.getDescriptor()))
        .isEqualTo(
            "containerd.runtime.bootstrap.v1.BootstrapResult(1 int32 version, 2 string address, 3 string protocol)");
  }

  @Test
  void metricsThatKubernetesReads() {
    var v1 = dev.krustlet.proto.cgroups.v1.Metrics.getDescriptor();
    var v2 = dev.krustlet.proto.cgroups.v2.Metrics.getDescriptor();

    assertThat(v1.getFullName()).isEqualTo("io.containerd.cgroups.v1.Metrics");
    assertThat(v2.getFullName()).isEqualTo("io.containerd.cgroups.v2.Metrics");
    assertThat(v1.findFieldByName("cpu").getNumber()).isEqualTo(3);
    assertThat(v1.findFieldByName("memory").getNumber()).isEqualTo(4);
    assertThat(v1.findFieldByName("memory_oom_control").getNumber()).isEqualTo(9);
    assertThat(v2.findFieldByName("memory").getNumber()).isEqualTo(4);
    assertThat(v2.findFieldByName("memory_events").getNumber()).isEqualTo(8);
    assertThat(dev.krustlet.proto.cgroups.v1.MemoryStat.TOTAL_INACTIVE_FILE_FIELD_NUMBER)
        .isEqualTo(30);
    assertThat(dev.krustlet.proto.cgroups.v1.MemoryStat.USAGE_FIELD_NUMBER).isEqualTo(33);
    assertThat(dev.krustlet.proto.cgroups.v2.MemoryStat.USAGE_FIELD_NUMBER).isEqualTo(32);
    assertThat(dev.krustlet.proto.cgroups.v2.MemoryStat.USAGE_LIMIT_FIELD_NUMBER).isEqualTo(33);
    assertThat(MemoryOomControl.OOM_KILL_FIELD_NUMBER).isEqualTo(3);
    assertThat(MemoryEvents.OOM_KILL_FIELD_NUMBER).isEqualTo(5);
  }
}
