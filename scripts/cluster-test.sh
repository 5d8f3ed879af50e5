#!/usr/bin/env bash
# Runs the cases of testbed's package `cluster` on a whole Kubernetes, through its own kubectl, and prints a table.
set -euo pipefail
cd "$(dirname "$0")/.."

usage() {
  cat <<'HELP'
usage: scripts/cluster-test.sh [--kubernetes 1.36|1.37] [--containerd 2.4|2.3] [--feature-gates NAME=true,…] [--keep]
                               [CLASS…]

Makes a cluster by `scripts/cluster.sh up`, or takes the one that is up, runs the classes (all of them unless some are
named, such as ProbeCases) and takes the cluster down again, unless it was up before or is to be kept. Wants root, as
cluster.sh does. Ends with 0 if no case failed. The cluster has the feature gate ContainerStopSignals.
HELP
}

[ "$(id -u)" = 0 ] || exec sudo "$0" "$@"
# shellcheck source=scripts/install-deps.sh
. scripts/install-deps.sh
node=$PWD/.cache/cluster/node
rows=testbed/target/cluster-cases/rows
up=() classes=() keep='' gates=ContainerStopSignals=true
while [ $# -gt 0 ]; do
  case $1 in
  --kubernetes | --containerd) up+=("$1" "${2:?}") && shift ;;
  --feature-gates) gates+=,${2:?} && shift ;;
  --keep) keep=yes ;;
  -h | --help) usage && exit ;;
  -*) usage >&2 && exit 64 ;;
  *) classes+=("$1") ;;
  esac
  shift
done

if scripts/cluster.sh status >/dev/null 2>&1; then
  keep=yes
else
  scripts/cluster.sh up "${up[@]}" --feature-gates "$gates"
fi
[ -n "$keep" ] || trap 'scripts/cluster.sh down' EXIT

chosen=()
[ ${#classes[@]} = 0 ] || chosen=("-Dit.test=$(IFS=, && echo "${classes[*]}")")
log=testbed/target/cluster-test.log
rm -rf "${rows%/*}"
mkdir -p "${rows%/*}"
say "running the cases (log: $log)"
status=0
mvn -B -ntp verify -pl proto,ttrpc,testbed -Dquick -Dkrustlet.cluster="$node" -Dtest=None \
  -Dsurefire.failIfNoSpecifiedTests=false "${chosen[@]}" 2>&1 | tee "$log" |
  awk '/Running dev.krustlet.testbed.cluster/{sub(/.*cluster\./,""); print "    " $0; fflush()}' >&2 || status=$?

versions='{.items[0].status.nodeInfo.kubeletVersion}, {.items[0].status.nodeInfo.containerRuntimeVersion}'
echo
echo "Kubernetes $(scripts/cluster.sh kubectl get nodes --output "jsonpath=$versions"), feature gates $(cat "$node/feature-gates")"
[ -e "$rows" ] || die "no case ran: $(grep -m1 ERROR "$log" || tail -n 1 "$log")"
sort -s -k 2,2 -t "$(printf '\t')" "$rows" | awk -F '\t' '
  $2 != class { class = $2; print "\n" class }
  { printf "  %-7s %4d s  %s\n", $1, $3, $4; count[$1]++ }
  END { print ""; for (each in count) printf "%d %s  ", count[each], each; print "" }'
exit $status
