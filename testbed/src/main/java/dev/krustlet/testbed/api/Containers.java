package dev.krustlet.testbed.api;

import com.google.protobuf.Any;
import com.google.protobuf.ByteString;
import com.google.protobuf.Empty;
import dev.krustlet.proto.services.containers.Container;
import dev.krustlet.proto.services.containers.CreateContainerRequest;
import dev.krustlet.proto.services.containers.CreateContainerResponse;
import dev.krustlet.proto.services.containers.DeleteContainerRequest;
import dev.krustlet.proto.services.containers.ListContainersRequest;
import dev.krustlet.proto.services.containers.ListContainersResponse;
import java.util.List;

/// containerd's records of containers.
///
/// @param runtime the shim's type
public record Containers(Containerd containerd, String runtime) {
  private static final String SERVICE = "containers.v1.Containers/";
  private static final String SPEC = "types.containerd.io/opencontainers/runtime-spec/1/Spec";

  private static final Call<ListContainersRequest, ListContainersResponse> LIST =
      Call.of(
          SERVICE + "List",
          ListContainersRequest.getDefaultInstance(),
          ListContainersResponse.getDefaultInstance());
  private static final Call<CreateContainerRequest, CreateContainerResponse> CREATE =
      Call.of(
          SERVICE + "Create",
          CreateContainerRequest.getDefaultInstance(),
          CreateContainerResponse.getDefaultInstance());
  private static final Call<DeleteContainerRequest, Empty> DELETE =
      Call.of(
          SERVICE + "Delete",
          DeleteContainerRequest.getDefaultInstance(),
          Empty.getDefaultInstance());

  public List<String> ids() throws CallException {
    return containerd
        .ask(LIST, ListContainersRequest.getDefaultInstance())
        .getContainersList()
        .stream()
        .map(Container::getId)
        .toList();
  }

  /// @param spec the OCI spec as JSON
  public void create(String id, String spec) throws CallException {
    create(id, "", spec);
  }

  /// @param image its name, of which containerd makes no use by itself
  public void create(String id, String image, String spec) throws CallException {
    var container =
        Container.newBuilder()
            .setId(id)
            .setImage(image)
            .setRuntime(Container.Runtime.newBuilder().setName(runtime))
            .setSpec(json(SPEC, spec));
    containerd.ask(CREATE, CreateContainerRequest.newBuilder().setContainer(container).build());
  }

  public void delete(String id) throws CallException {
    containerd.ask(DELETE, DeleteContainerRequest.newBuilder().setId(id).build());
  }

  /// How containerd's clients pack what is no protobuf message.
  static Any json(String type, String text) {
    return Any.newBuilder().setTypeUrl(type).setValue(ByteString.copyFromUtf8(text)).build();
  }
}
