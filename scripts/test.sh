#!/usr/bin/env bash
# Every test there is, from a fresh checkout. Installs what is missing.
set -euo pipefail
cd "$(dirname "$0")/.."
# shellcheck source=scripts/install-deps.sh
. scripts/install-deps.sh
# The integration tests run under the system's containerd and under one of the 2.x line.
scripts/fetch-containerd.sh .cache/containerd-2
exec mvn -B -ntp verify -Dkrustlet.containerd2="$PWD/.cache/containerd-2" "$@"
