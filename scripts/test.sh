#!/usr/bin/env bash
# Every test there is, from a fresh checkout. Installs what is missing.
set -euo pipefail
cd "$(dirname "$0")/.."
# shellcheck source=scripts/install-deps.sh
. scripts/install-deps.sh
# The server is in this package as well; the one of its name would have it start with the system.
need redis-cli redis-tools
need wrk wrk
# Images are pushed to a real registry and pulled back.
need docker-registry docker-registry
# The integration tests run under the system's containerd and under one of the 2.x line, those about images also under
# one that is between them where the archive has it.
containerd2=.cache/containerd-2 containerd17=.cache/containerd-1.7
scripts/fetch-containerd.sh $containerd2 ||
  die "put the programs of containerd 2.1 or newer into $containerd2, or leave them out with 'mvn verify'"
scripts/fetch-containerd.sh $containerd17 1.7 || die "put the programs of containerd 1.7 into $containerd17"
# Go compiles for WASI by itself and fast; scripts/languages.sh has the other languages.
if scripts/languages.sh --build go; then export KRUSTLET_LANGUAGES=go; fi
exec mvn -B -ntp verify -Dkrustlet.containerd2="$PWD/$containerd2" -Dkrustlet.containerd17="$PWD/$containerd17" "$@"
