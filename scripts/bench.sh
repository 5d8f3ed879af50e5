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
java_of bench dev.krustlet.bench.Bench "$@"
