#!/usr/bin/env bash
# Shows wasm containers beside native ones: in a pod under a containerd that is gone afterwards, or on a Kubernetes.
set -euo pipefail
cd "$(dirname "$0")/.."

usage() {
  cat <<'HELP'
usage: scripts/demo.sh
       scripts/demo.sh --kubernetes [1.36|1.37] [--keep]

Builds Krustlet unless it is built, starts a containerd with a directory, a socket and a network of
its own, and runs a pod with `runtimeClassName: krustlet` there: two wasm containers and a native
sidecar. Shows logs, an exit code, stats and times, and takes everything away. Wants root, or asks
sudo for it; without, it runs modules with the `krustlet` command.

With --kubernetes, the same and more by kubectl: logs, exec, a Service, a rolling update and an OOM
kill, each with the command that shows it. On the cluster of scripts/cluster.sh if one is up; else
it makes one, ten minutes the first time, and takes it away at the end unless --keep is there. Ends
with a status other than 0 if a step did not show what it should. Wants root, or asks sudo for it.
HELP
}

bold() { if [ -t 1 ]; then printf '\033[1m%s\033[0m\n' "$*"; else printf '%s\n' "$*"; fi; }

wrong() {
  echo "demo.sh: $1; see --help" >&2
  exit 64
}

kubernetes='' line='' keep=''
while [ $# -gt 0 ]; do
  case $1 in
  --kubernetes) kubernetes=yes ;;
  1.*) line=$1 ;;
  --keep) keep=stays ;;
  -h | --help) usage && exit ;;
  *) wrong "'$1' is not an option" ;;
  esac
  shift
done
[ -n "$kubernetes" ] || [ -z "$line$keep" ] || wrong "'${keep:+--keep}${line}' goes with --kubernetes"
if [ -n "$kubernetes" ]; then
  # shellcheck source=scripts/demo/kubernetes.sh
  . scripts/demo/kubernetes.sh
  show_kubernetes "$line"
  exit
fi

bold 'Krustlet: wasm containers and ordinary ones in the same pod'
echo

# shellcheck source=scripts/build.sh
. scripts/build.sh

without_root() {
  bold "Without a pod: $1"
  echo '  The krustlet command runs modules on the same engine, without containerd and without root.'
  echo
  (
    set -x
    target/krustlet/krustlet run examples/hello/hello.wasm --env GREETING='good morning' -- one two
    target/krustlet/krustlet run examples/counter/counter.wasm -- --interval 200 --count 5
  )
  exit
}

may_be_root() { [ "$(id -u)" = 0 ] || { command -v sudo >/dev/null && sudo -v; }; }

reason=''
if ! may_be_root; then
  reason='this user may not become root, and containers want that.'
fi
if [ -z "$reason" ] || changed; then
  # shellcheck source=scripts/install-deps.sh
  . scripts/install-deps.sh
fi
if changed; then build; fi
if [ -z "$reason" ] && ! as_root unshare --mount --net true 2>/dev/null; then
  reason='this system does not allow new namespaces.'
fi
[ -z "$reason" ] || without_root "$reason"

colours=()
[ ! -t 1 ] || colours=(--colours)
java_of testbed dev.krustlet.testbed.demo.Demo "${colours[@]}"
