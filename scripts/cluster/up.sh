#!/usr/bin/env bash
# Makes the cluster. To be sourced by cluster.sh.
# shellcheck source=scripts/cluster/build.sh
. scripts/cluster/build.sh
# shellcheck source=scripts/cluster/config.sh
. scripts/cluster/config.sh

# run NAME PROGRAM ARGUMENT…: a program of the cluster, which outlives us; its output is in the node's log directory.
run() {
  local name=$1
  shift
  enter
  PATH=$node/shim:$node/bin:$PATH "${enter[@]}" setsid "$@" </dev/null >>"$node/log/$name.log" 2>&1 &
  echo $! >"$node/$name.pid"
}

# wait_for WHAT SECONDS COMMAND…
wait_for() {
  local what=$1 deadline=$((SECONDS + $2))
  shift 2
  until "$@" >/dev/null 2>&1; do
    [ $SECONDS -lt $deadline ] || die "waited in vain for $what; the logs are in $node/log"
    sleep 0.5
  done
}

make_namespaces() {
  mkdir -p "$node"/{bin,log,pki,shim,cni,registries,logs/pods}
  ln -sf "$cluster/containerd-$1"/* "$node/bin/"
  for program in etcd kube-apiserver kube-controller-manager kube-scheduler kube-proxy kubelet kubectl; do
    ln -sf "$cluster/kubernetes-$2/kubernetes" "$node/bin/$program"
  done
  ln -sf "$PWD/target/krustlet/containerd-shim-krustlet-v1" "$node/shim/"
  setsid unshare --mount --net --propagation private sleep infinity </dev/null >/dev/null 2>&1 &
  echo $! >"$node/holder.pid"
  wait_for 'namespaces' 10 separate
  inside sh -eu <<SH
mount --make-rshared /
mkdir -p /var/lib/cni
for place in /run /var/lib/cni /var/log; do mount -t tmpfs tmpfs \$place; done
mount -t sysfs sysfs /sys -o remount 2>/dev/null || true
ip link set lo up
ip link add eth0 type bridge
ip address add $address/24 dev eth0
ip link set eth0 up
ip route add default dev eth0
echo 1 >/proc/sys/net/ipv4/ip_forward
SH
}

separate() { [ "$(readlink "/proc/$(holder)/ns/net")" != "$(readlink /proc/self/ns/net)" ]; }

start_containerd() {
  run containerd env KRUSTLET_STATE="$node/k" KRUSTLET_CONFIG="$node/krustlet.toml" JAVA_HOME="$JAVA_HOME" \
    "$node/bin/containerd" --config "$node/containerd.toml"
  wait_for 'containerd' 60 inside "$node/bin/ctr" --address "$node/c.sock" version
}

start_kubelet() { run kubelet "$node/bin/kubelet" "${kubelet[@]}" "--feature-gates=$(cat "$node/feature-gates")"; }

# What runs under it goes on meanwhile.
restart() {
  local program=${1:-} pid
  case $program in containerd | kubelet) ;; *) die "restart what: containerd or kubelet?" ;; esac
  source_deps
  pid=$(cat "$node/$program.pid")
  kill -TERM "$pid" 2>/dev/null || true
  wait_for "the end of $program" 60 test ! -d "/proc/$pid"
  "start_$program"
}

# start_kubernetes FEATURE_GATES
start_kubernetes() {
  local gates=--feature-gates=$1
  echo "$1" >"$node/feature-gates"
  run etcd "$node/bin/etcd" --data-dir "$node/etcd" --unsafe-no-fsync --log-level warn
  run kube-apiserver "$node/bin/kube-apiserver" "${apiserver[@]}" "$gates"
  wait_for 'the API server' 120 kubectl get --raw /readyz
  run kube-controller-manager "$node/bin/kube-controller-manager" "${controllers[@]}" "$gates"
  run kube-scheduler "$node/bin/kube-scheduler" --kubeconfig "$node/admin.conf" --leader-elect=false "$gates"
  start_kubelet
  run kube-proxy "$node/bin/kube-proxy" --config "$node/proxy.yaml"
  run coredns "$cluster/coredns" -conf "$node/Corefile"
  run metrics-server "$cluster/metrics-server" "${metrics[@]}"
}

load_images() {
  say 'bringing the images of the examples'
  java_of testbed dev.krustlet.testbed.cluster.ClusterImages "$node/images"
  for archive in "$node"/images/*.tar; do
    inside "$node/bin/ctr" --address "$node/c.sock" --namespace k8s.io images import "$archive" >/dev/null 2>"$node/log/images.log" ||
      die "an image cannot be imported: $(tail -n 1 "$node/log/images.log")"
  done
  rm -rf "$node/images"
}

# make_node FEATURE_GATES
make_node() {
  start_kubernetes "$1"
  load_images
  wait_for 'a node' 120 kubectl get node "$name"
  kubectl label --overwrite node "$name" krustlet.dev/installed=true >/dev/null
  kubectl apply -f runtimeclass/krustlet.yaml -f "$node/dns.yaml" -f "$node/metrics.yaml" >/dev/null
  wait_for 'the default service account' 60 kubectl get serviceaccount default
  kubectl wait --for=condition=Ready "node/$name" --timeout=180s >/dev/null || die "the node is not ready; see $node/log"
}

up() {
  local kubernetes=1.36 containerd=2.4 runtime=runc bare='' gates=''
  while [ $# -gt 0 ]; do
    case $1 in
    --kubernetes | --containerd | --runtime) declare "${1#--}=${2:?}" && shift ;;
    --bare) bare=yes ;;
    --feature-gates) gates=${2?} && shift ;;
    *) die "'$1' is no option of up; see --help" ;;
    esac
    shift
  done
  [ -e "testbed/cluster/kubernetes/kubernetes-$kubernetes.mod" ] || die "there is Kubernetes 1.36 and 1.37, not $kubernetes"
  case $runtime in
  runc | krustlet) ;;
  *) die "the runtime is runc or krustlet, not $runtime" ;;
  esac
  ! holder >/dev/null || die "a cluster is up: 'scripts/cluster.sh status', or 'down' first"
  source_deps
  build_all "$kubernetes" "$containerd"
  # shellcheck source=scripts/cluster/down.sh
  . scripts/cluster/down.sh
  trap 'say "this failed or was interrupted; taking it away"; keep_logs; down' EXIT
  say "starting ${bare:+a node without }Kubernetes $(release "$kubernetes") with containerd $containerd"
  make_namespaces "$containerd" "$kubernetes"
  write_configs "$runtime"
  start_containerd
  if [ -n "$bare" ]; then load_images; else make_node "$gates"; fi
  trap - EXIT
  [ -z "$bare" ] || {
    say "containerd is ready after $SECONDS s: $node/c.sock"
    return
  }
  say "ready after $SECONDS s: scripts/cluster.sh kubectl apply -f examples/mixed/pod.yaml"
}
