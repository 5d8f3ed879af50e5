#!/usr/bin/env bash
# Breaks everything that can break under containers of both kinds, in one containerd that is gone afterwards, and
# prints what was lost. Builds what has changed.
# usage: faults.sh [--seconds N] [--seed S] [--only WORDS] [--cycles N] [--json] [--logs DIR] [--containerd DIR] [--help]
set -euo pipefail
cd "$(dirname "$0")/.."
# shellcheck source=scripts/install-deps.sh
. scripts/install-deps.sh
# shellcheck source=scripts/build.sh
. scripts/build.sh
if changed; then build; fi

[ "$(id -u)" = 0 ] || command -v sudo >/dev/null || die 'the faults want root'
java_of testbed dev.krustlet.testbed.faults.Faults "$@"
