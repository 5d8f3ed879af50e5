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
  want=$(sed -n 's/^wasmtime = .*"=\([0-9.]*\)".*/\1/p' engine/Cargo.toml)
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
as_root "$JAVA_HOME/bin/java" -XX:+UseSerialGC -XX:TieredStopAtLevel=1 --enable-native-access=ALL-UNNAMED \
  --sun-misc-unsafe-memory-access=allow -Djava.util.logging.config.file=/dev/null -Dkrustlet.root="$PWD" \
  -cp "bench/target/krustlet-bench-0.1.0.jar:bench/target/lib/*" dev.krustlet.bench.HttpBench "$@"
