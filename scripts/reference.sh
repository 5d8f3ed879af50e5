#!/usr/bin/env bash
# Runs the guests of the conformance tests and the examples under Wasmtime's own command as well, and compares. The
# command is built once, into .cache/wasmtime, which takes long (Wasmtime with all its parts).
# usage: reference.sh [WASMTIME]
# WASMTIME is a command that is there already; it must be of the engine's version.
set -euo pipefail
cd "$(dirname "$0")/.."
case ${1:-} in
-*)
  echo 'usage: reference.sh [WASMTIME]' >&2
  exit 64
  ;;
esac
# shellcheck source=scripts/install-deps.sh
. scripts/install-deps.sh

version=$(wasmtime_version)
wasmtime=${1:-$PWD/.cache/wasmtime/bin/wasmtime}
[ $# = 0 ] || wasmtime=$(realpath "$1")
if [ $# = 0 ] && [ "$("$wasmtime" --version 2>/dev/null | awk '{print $2}')" != "$version" ]; then
  say "building Wasmtime's command $version (log: .cache/wasmtime.log)"
  mkdir -p .cache
  cargo install wasmtime-cli --version "$version" --locked --root .cache/wasmtime >.cache/wasmtime.log 2>&1 ||
    die "wasmtime-cli $version could not be built: $(grep -m1 '^error' .cache/wasmtime.log || tail -n 1 .cache/wasmtime.log) (log: .cache/wasmtime.log)"
fi
cd engine
KRUSTLET_REFERENCE=$wasmtime exec ./cargo.sh test --release --locked --test reference
