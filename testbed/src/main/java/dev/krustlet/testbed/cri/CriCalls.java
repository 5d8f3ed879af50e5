package dev.krustlet.testbed.cri;

import com.google.protobuf.Message;
import dev.krustlet.proto.cri.v1.AttachRequest;
import dev.krustlet.proto.cri.v1.AttachResponse;
import dev.krustlet.proto.cri.v1.ContainerStatsRequest;
import dev.krustlet.proto.cri.v1.ContainerStatsResponse;
import dev.krustlet.proto.cri.v1.ContainerStatusRequest;
import dev.krustlet.proto.cri.v1.ContainerStatusResponse;
import dev.krustlet.proto.cri.v1.CreateContainerRequest;
import dev.krustlet.proto.cri.v1.CreateContainerResponse;
import dev.krustlet.proto.cri.v1.ExecRequest;
import dev.krustlet.proto.cri.v1.ExecResponse;
import dev.krustlet.proto.cri.v1.ExecSyncRequest;
import dev.krustlet.proto.cri.v1.ExecSyncResponse;
import dev.krustlet.proto.cri.v1.ImageStatusRequest;
import dev.krustlet.proto.cri.v1.ImageStatusResponse;
import dev.krustlet.proto.cri.v1.ListContainerStatsRequest;
import dev.krustlet.proto.cri.v1.ListContainerStatsResponse;
import dev.krustlet.proto.cri.v1.ListContainersRequest;
import dev.krustlet.proto.cri.v1.ListContainersResponse;
import dev.krustlet.proto.cri.v1.ListImagesRequest;
import dev.krustlet.proto.cri.v1.ListImagesResponse;
import dev.krustlet.proto.cri.v1.ListPodSandboxMetricsRequest;
import dev.krustlet.proto.cri.v1.ListPodSandboxMetricsResponse;
import dev.krustlet.proto.cri.v1.ListPodSandboxRequest;
import dev.krustlet.proto.cri.v1.ListPodSandboxResponse;
import dev.krustlet.proto.cri.v1.ListPodSandboxStatsRequest;
import dev.krustlet.proto.cri.v1.ListPodSandboxStatsResponse;
import dev.krustlet.proto.cri.v1.PodSandboxStatsRequest;
import dev.krustlet.proto.cri.v1.PodSandboxStatsResponse;
import dev.krustlet.proto.cri.v1.PodSandboxStatusRequest;
import dev.krustlet.proto.cri.v1.PodSandboxStatusResponse;
import dev.krustlet.proto.cri.v1.RemoveContainerRequest;
import dev.krustlet.proto.cri.v1.RemoveContainerResponse;
import dev.krustlet.proto.cri.v1.RemoveImageRequest;
import dev.krustlet.proto.cri.v1.RemoveImageResponse;
import dev.krustlet.proto.cri.v1.RemovePodSandboxRequest;
import dev.krustlet.proto.cri.v1.RemovePodSandboxResponse;
import dev.krustlet.proto.cri.v1.ReopenContainerLogRequest;
import dev.krustlet.proto.cri.v1.ReopenContainerLogResponse;
import dev.krustlet.proto.cri.v1.RunPodSandboxRequest;
import dev.krustlet.proto.cri.v1.RunPodSandboxResponse;
import dev.krustlet.proto.cri.v1.StartContainerRequest;
import dev.krustlet.proto.cri.v1.StartContainerResponse;
import dev.krustlet.proto.cri.v1.StatusRequest;
import dev.krustlet.proto.cri.v1.StatusResponse;
import dev.krustlet.proto.cri.v1.StopContainerRequest;
import dev.krustlet.proto.cri.v1.StopContainerResponse;
import dev.krustlet.proto.cri.v1.StopPodSandboxRequest;
import dev.krustlet.proto.cri.v1.StopPodSandboxResponse;
import dev.krustlet.proto.cri.v1.UpdateContainerResourcesRequest;
import dev.krustlet.proto.cri.v1.UpdateContainerResourcesResponse;
import dev.krustlet.proto.cri.v1.VersionRequest;
import dev.krustlet.proto.cri.v1.VersionResponse;

/// The calls of CRI that `proto` writes down, by name.
public final class CriCalls {
  public static final CriCall<VersionRequest, VersionResponse> VERSION =
      runtime("Version", VersionRequest.getDefaultInstance(), VersionResponse.getDefaultInstance());

  public static final CriCall<StatusRequest, StatusResponse> STATUS =
      runtime("Status", StatusRequest.getDefaultInstance(), StatusResponse.getDefaultInstance());

  public static final CriCall<RunPodSandboxRequest, RunPodSandboxResponse> RUN_POD_SANDBOX =
      runtime(
          "RunPodSandbox",
          RunPodSandboxRequest.getDefaultInstance(),
          RunPodSandboxResponse.getDefaultInstance());

  public static final CriCall<StopPodSandboxRequest, StopPodSandboxResponse> STOP_POD_SANDBOX =
      runtime(
          "StopPodSandbox",
          StopPodSandboxRequest.getDefaultInstance(),
          StopPodSandboxResponse.getDefaultInstance());

  public static final CriCall<RemovePodSandboxRequest, RemovePodSandboxResponse>
      REMOVE_POD_SANDBOX =
          runtime(
              "RemovePodSandbox",
              RemovePodSandboxRequest.getDefaultInstance(),
              RemovePodSandboxResponse.getDefaultInstance());

  public static final CriCall<PodSandboxStatusRequest, PodSandboxStatusResponse>
      POD_SANDBOX_STATUS =
          runtime(
              "PodSandboxStatus",
              PodSandboxStatusRequest.getDefaultInstance(),
              PodSandboxStatusResponse.getDefaultInstance());

  public static final CriCall<ListPodSandboxRequest, ListPodSandboxResponse> LIST_POD_SANDBOX =
      runtime(
          "ListPodSandbox",
          ListPodSandboxRequest.getDefaultInstance(),
          ListPodSandboxResponse.getDefaultInstance());

  public static final CriCall<CreateContainerRequest, CreateContainerResponse> CREATE_CONTAINER =
      runtime(
          "CreateContainer",
          CreateContainerRequest.getDefaultInstance(),
          CreateContainerResponse.getDefaultInstance());

  public static final CriCall<StartContainerRequest, StartContainerResponse> START_CONTAINER =
      runtime(
          "StartContainer",
          StartContainerRequest.getDefaultInstance(),
          StartContainerResponse.getDefaultInstance());

  public static final CriCall<StopContainerRequest, StopContainerResponse> STOP_CONTAINER =
      runtime(
          "StopContainer",
          StopContainerRequest.getDefaultInstance(),
          StopContainerResponse.getDefaultInstance());

  public static final CriCall<RemoveContainerRequest, RemoveContainerResponse> REMOVE_CONTAINER =
      runtime(
          "RemoveContainer",
          RemoveContainerRequest.getDefaultInstance(),
          RemoveContainerResponse.getDefaultInstance());

  public static final CriCall<ListContainersRequest, ListContainersResponse> LIST_CONTAINERS =
      runtime(
          "ListContainers",
          ListContainersRequest.getDefaultInstance(),
          ListContainersResponse.getDefaultInstance());

  public static final CriCall<ContainerStatusRequest, ContainerStatusResponse> CONTAINER_STATUS =
      runtime(
          "ContainerStatus",
          ContainerStatusRequest.getDefaultInstance(),
          ContainerStatusResponse.getDefaultInstance());

  public static final CriCall<UpdateContainerResourcesRequest, UpdateContainerResourcesResponse>
      UPDATE_CONTAINER_RESOURCES =
          runtime(
              "UpdateContainerResources",
              UpdateContainerResourcesRequest.getDefaultInstance(),
              UpdateContainerResourcesResponse.getDefaultInstance());

  public static final CriCall<ReopenContainerLogRequest, ReopenContainerLogResponse>
      REOPEN_CONTAINER_LOG =
          runtime(
              "ReopenContainerLog",
              ReopenContainerLogRequest.getDefaultInstance(),
              ReopenContainerLogResponse.getDefaultInstance());

  public static final CriCall<ExecSyncRequest, ExecSyncResponse> EXEC_SYNC =
      runtime(
          "ExecSync", ExecSyncRequest.getDefaultInstance(), ExecSyncResponse.getDefaultInstance());

  public static final CriCall<ExecRequest, ExecResponse> EXEC =
      runtime("Exec", ExecRequest.getDefaultInstance(), ExecResponse.getDefaultInstance());

  public static final CriCall<AttachRequest, AttachResponse> ATTACH =
      runtime("Attach", AttachRequest.getDefaultInstance(), AttachResponse.getDefaultInstance());

  public static final CriCall<ContainerStatsRequest, ContainerStatsResponse> CONTAINER_STATS =
      runtime(
          "ContainerStats",
          ContainerStatsRequest.getDefaultInstance(),
          ContainerStatsResponse.getDefaultInstance());

  public static final CriCall<ListContainerStatsRequest, ListContainerStatsResponse>
      LIST_CONTAINER_STATS =
          runtime(
              "ListContainerStats",
              ListContainerStatsRequest.getDefaultInstance(),
              ListContainerStatsResponse.getDefaultInstance());

  public static final CriCall<PodSandboxStatsRequest, PodSandboxStatsResponse> POD_SANDBOX_STATS =
      runtime(
          "PodSandboxStats",
          PodSandboxStatsRequest.getDefaultInstance(),
          PodSandboxStatsResponse.getDefaultInstance());

  public static final CriCall<ListPodSandboxStatsRequest, ListPodSandboxStatsResponse>
      LIST_POD_SANDBOX_STATS =
          runtime(
              "ListPodSandboxStats",
              ListPodSandboxStatsRequest.getDefaultInstance(),
              ListPodSandboxStatsResponse.getDefaultInstance());

  public static final CriCall<ListPodSandboxMetricsRequest, ListPodSandboxMetricsResponse>
      LIST_POD_SANDBOX_METRICS =
          runtime(
              "ListPodSandboxMetrics",
              ListPodSandboxMetricsRequest.getDefaultInstance(),
              ListPodSandboxMetricsResponse.getDefaultInstance());

  public static final CriCall<ListImagesRequest, ListImagesResponse> LIST_IMAGES =
      image(
          "ListImages",
          ListImagesRequest.getDefaultInstance(),
          ListImagesResponse.getDefaultInstance());

  public static final CriCall<ImageStatusRequest, ImageStatusResponse> IMAGE_STATUS =
      image(
          "ImageStatus",
          ImageStatusRequest.getDefaultInstance(),
          ImageStatusResponse.getDefaultInstance());

  public static final CriCall<RemoveImageRequest, RemoveImageResponse> REMOVE_IMAGE =
      image(
          "RemoveImage",
          RemoveImageRequest.getDefaultInstance(),
          RemoveImageResponse.getDefaultInstance());

  private CriCalls() {}

  private static <Q extends Message, A extends Message> CriCall<Q, A> runtime(
      String name, Q question, A answer) {
    return CriCall.of("RuntimeService", name, question, answer);
  }

  private static <Q extends Message, A extends Message> CriCall<Q, A> image(
      String name, Q question, A answer) {
    return CriCall.of("ImageService", name, question, answer);
  }
}
