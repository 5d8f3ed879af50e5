#!/usr/bin/env bash
# Measures what Krustlet costs, beside the runc shim in one containerd that is gone afterwards. Builds what has changed.
# usage: bench.sh [--iterations N] [--json] [--containerd DIR] [--help]
set -euo pipefail
cd "$(dirname "$0")/.."
# shellcheck source=scripts/install-deps.sh
. scripts/install-deps.sh
# shellcheck source=scripts/build.sh
. scripts/build.sh
if changed; then build; fi

[ "$(id -u)" = 0 ] || command -v sudo >/dev/null || die 'the measurements want root'
as_root "$JAVA_HOME/bin/java" -XX:+UseSerialGC -XX:TieredStopAtLevel=1 --sun-misc-unsafe-memory-access=allow \
  -Dkrustlet.root="$PWD" -cp "bench/target/krustlet-bench-0.1.0.jar:bench/target/lib/*" dev.krustlet.bench.Bench "$@"
