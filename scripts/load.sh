#!/usr/bin/env bash
# Asks a service in a pod as much as it can answer, and replaces pods of a service meanwhile, in one containerd that is
# gone afterwards. Builds what has changed.
# usage: load.sh [--seconds N] [--connections N] [--restarts N] [--containerd DIR] [--help]
set -euo pipefail
cd "$(dirname "$0")/.."
# shellcheck source=scripts/install-deps.sh
. scripts/install-deps.sh
need wrk wrk
# shellcheck source=scripts/build.sh
. scripts/build.sh
if changed; then build; fi

[ "$(id -u)" = 0 ] || command -v sudo >/dev/null || die 'pods want root'
java_of testbed dev.krustlet.testbed.load.Load "$@"
