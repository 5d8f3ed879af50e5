#!/usr/bin/env bash
# Every test there is, from a fresh checkout. Installs what is missing.
set -euo pipefail
cd "$(dirname "$0")/.."
# shellcheck source=scripts/install-deps.sh
. scripts/install-deps.sh
exec mvn -B -ntp verify "$@"
