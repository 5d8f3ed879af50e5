#!/usr/bin/env bash
# A whole Kubernetes on this machine, in namespaces of its own, whose containerd has krustlet.
set -euo pipefail
cd "$(dirname "$0")/.."

usage() {
  cat <<'HELP'
usage: scripts/cluster.sh up [--kubernetes 1.36|1.37] [--containerd 2.4|2.3] [--runtime runc|krustlet] [--bare]
                             [--feature-gates NAME=true,…]
       scripts/cluster.sh kubectl ARGUMENT…     for example: kubectl get pods -A
       scripts/cluster.sh exec COMMAND…         in the node's network and mounts, for example: exec curl 10.96.0.10
       scripts/cluster.sh status
       scripts/cluster.sh load IMAGE.tar        gives the node an image
       scripts/cluster.sh logs                  copies the logs of node and pods to .cache/cluster/log
       scripts/cluster.sh restart containerd|kubelet     while pods go on
       scripts/cluster.sh down

One node with etcd, API server, controller manager, scheduler, kube-proxy, kubelet, CoreDNS and containerd, in a network
and with mounts of its own: nothing of it can be reached from elsewhere, and `down` takes all of it away. The first `up`
builds what it needs below .cache, some ten minutes; after that it takes a minute or two. RuntimeClass `krustlet` is
there, and so are the images of the examples; pods that name no class run under runc's shim, or with `--runtime krustlet`
under Krustlet as well. With --bare there is containerd alone. Wants root, or asks sudo for it.
HELP
}

cluster=$PWD/.cache/cluster
node=$cluster/node
# The cgroup above its pods': one for each checkout.
group=krustlet-cluster-$(printf %s "$node" | cksum | cut -d ' ' -f 1)
# shellcheck source=scripts/install-deps.sh
source_deps() { . scripts/install-deps.sh; }
# shellcheck source=scripts/lib.sh
. scripts/lib.sh

# The process that the cluster's namespaces belong to.
holder() { { read -r pid <"$node/holder.pid" && [ -d "/proc/$pid" ] && echo "$pid"; } 2>/dev/null; }

# enter: the words before a command that is to run inside. A process that enters namespaces of mounts begins at their root.
enter() { enter=(nsenter --target "$(holder)" --mount --net -- env -C "$PWD"); }
inside() { enter && "${enter[@]}" "$@"; }

on_node() { inside env KUBECONFIG="$node/admin.conf" HOME="$node" PATH="$node/bin:$PATH" "$@"; }

kubectl() { on_node "$node/bin/kubectl" "$@"; }

need_up() { holder >/dev/null || die "there is no cluster: 'scripts/cluster.sh up' makes one"; }

[ "$(id -u)" = 0 ] || exec sudo "$PWD/scripts/cluster.sh" "$@"
command=${1:-}
[ $# = 0 ] || shift
case $command in
up)
  # shellcheck source=scripts/cluster/up.sh
  . scripts/cluster/up.sh
  up "$@"
  ;;
down)
  # shellcheck source=scripts/cluster/down.sh
  . scripts/cluster/down.sh
  down
  ;;
restart)
  need_up
  # shellcheck source=scripts/cluster/up.sh
  . scripts/cluster/up.sh
  restart "$@"
  ;;
kubectl) need_up && kubectl "$@" ;;
exec) need_up && on_node "${@:?a command}" ;;
load)
  need_up
  inside "$node/bin/ctr" --address "$node/c.sock" --namespace k8s.io images import "${1:?the name of an archive}"
  ;;
status)
  holder >/dev/null || {
    echo "no cluster"
    exit 1
  }
  kubectl get nodes -o wide && kubectl get pods --all-namespaces
  ;;
logs)
  need_up
  # shellcheck source=scripts/cluster/down.sh
  . scripts/cluster/down.sh
  keep_logs
  ;;
-h | --help) usage ;;
*)
  usage >&2
  exit 64
  ;;
esac
