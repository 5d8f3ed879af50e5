# shellcheck shell=sh
# In the VM: a node as the README has it, with the systemd cgroup driver; containers that run when it reboots, and what
# the next boot finds. To be sourced by guest.sh.

set_up_node() {
  ln -s /krustlet/target/krustlet /opt/krustlet
  ln -s /opt/krustlet/containerd-shim-krustlet-v1 /usr/local/bin/containerd-shim-krustlet-v1
  mkdir -p /etc/krustlet /etc/cni/net.d
  echo 'SystemdCgroup = true' >/etc/krustlet/options.toml
  cat >/etc/cni/net.d/10-bridge.conflist <<'JSON'
{
  "cniVersion": "0.4.0",
  "name": "pods",
  "plugins": [
    {
      "type": "bridge",
      "bridge": "pods0",
      "isGateway": true,
      "ipam": {"type": "host-local", "ranges": [[{"subnet": "10.77.0.0/24"}]]}
    }
  ]
}
JSON
  cat >/etc/containerd/config.toml <<'TOML'
version = 2

[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "localhost/pause:1"
  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = "/usr/lib/cni"

[plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
  runtime_type = "io.containerd.runc.v2"
  [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc.options]
    SystemdCgroup = true

[plugins."io.containerd.grpc.v1.cri".containerd.runtimes.krustlet]
  runtime_type = "io.containerd.krustlet.v1"
  [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.krustlet.options]
    ConfigPath = "/etc/krustlet/options.toml"
TOML
  systemctl --quiet enable containerd
  systemctl restart containerd
}

if [ ! -e step ]; then
  set_up_node
  run reboot-before 'BeforeReboot'
  echo rebooted >step
  tell "REBOOT"
  sync
  systemctl --no-block reboot
  exit 0
fi
tell "UP again, after $(cut -d ' ' -f 1 /proc/uptime) s"
systemctl is-active containerd >/dev/null || tell "FAULT containerd does not run after the reboot"
run reboot-after 'AfterReboot'
