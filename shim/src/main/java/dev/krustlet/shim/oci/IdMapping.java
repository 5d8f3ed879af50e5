package dev.krustlet.shim.oci;

import com.google.gson.annotations.SerializedName;

/// A range of user or group ids of a container as others of the node.
public record IdMapping(
    @SerializedName("containerID") long containerId,
    @SerializedName("hostID") long hostId,
    long size) {}
