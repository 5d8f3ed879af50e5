#!/usr/bin/env bash
# Shows a pod with wasm containers and a native sidecar, under a containerd that is gone afterwards.
set -euo pipefail
cd "$(dirname "$0")/.."

case ${1:-} in
'') ;;
-h | --help)
  cat <<'HELP'
usage: scripts/demo.sh

Builds Krustlet unless it is built, starts a containerd with a directory, a socket and a network of
its own, and runs a pod with `runtimeClassName: krustlet` there: two wasm containers and a native
sidecar. Shows logs, an exit code, stats and times, and takes everything away. Wants root, or asks
sudo for it; without, it runs modules with the `krustlet` command.
HELP
  exit
  ;;
*)
  echo "demo.sh: '$1' is not an option; see --help" >&2
  exit 64
  ;;
esac

bold() { if [ -t 1 ]; then printf '\033[1m%s\033[0m\n' "$*"; else printf '%s\n' "$*"; fi; }

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
