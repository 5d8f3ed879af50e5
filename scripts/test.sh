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
need go golang-go
# The main suites run under the containerd of today and under the line with long support; a part of them under the lines
# that have ended, which many nodes have: the system's own on Debian 12 is one.
for line in 2.4 2.3; do
  scripts/build-containerd.sh .cache/containerd-$line $line || die "there is no containerd $line to test under; 'mvn verify' takes the system's"
done
scripts/fetch-containerd.sh .cache/containerd-1.7 1.7 || die 'put the programs of containerd 1.7 into .cache/containerd-1.7'
docker=.cache/docker
scripts/fetch-docker.sh $docker || die "put the programs of Docker 26 or newer into $docker"
# Go compiles for WASI by itself and fast; scripts/languages.sh has the other languages.
if scripts/languages.sh --build go; then export KRUSTLET_LANGUAGES=go; fi
exec mvn -B -ntp verify -Dkrustlet.containerds="$PWD/.cache/containerd-2.4,$PWD/.cache/containerd-2.3" \
  -Dkrustlet.legacy="$PWD/.cache/containerd-1.7,/usr/bin" -Dkrustlet.docker="$PWD/$docker" "$@"
