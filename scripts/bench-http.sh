#!/usr/bin/env bash
# Measures how Krustlet serves HTTP, beside `wasmtime serve` of the version that the engine is built on, which takes
# cargo a quarter of an hour the first time. Builds what has changed.
# usage: bench-http.sh [--rounds N] [--seconds N] [--connections N] [--json] [--wasmtime FILE] [--containerd DIR] [--help]
set -euo pipefail
cd "$(dirname "$0")/.."
# shellcheck source=scripts/install-deps.sh
. scripts/install-deps.sh
need wrk wrk
# shellcheck source=scripts/build.sh
. scripts/build.sh

# Wasmtime as its makers publish it, with their settings.
need_wasmtime() {
  local want
  want=$(wasmtime_version)
  [ "$("$wasmtime" --version 2>/dev/null | awk '{print $2}')" = "$want" ] || {
    say "building wasmtime $want into .cache/wasmtime"
    cargo install --quiet --locked --force --root .cache/wasmtime --version "$want" wasmtime-cli ||
      die "wasmtime $want could not be built; name one with --wasmtime"
  }
}

wasmtime=.cache/wasmtime/bin/wasmtime
case " $* " in
*' --help '* | *' -h '*) ;;
*' --wasmtime'*) if changed; then build; fi ;;
*)
  if changed; then build; fi
  need_wasmtime
  set -- --wasmtime "$PWD/$wasmtime" "$@"
  ;;
esac

[ "$(id -u)" = 0 ] || command -v sudo >/dev/null || die 'the measurements want root'
java_of bench dev.krustlet.bench.HttpBench "$@"
