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
as_root "$JAVA_HOME/bin/java" -XX:+UseSerialGC -XX:TieredStopAtLevel=1 --enable-native-access=ALL-UNNAMED \
  --sun-misc-unsafe-memory-access=allow -Djava.util.logging.config.file=/dev/null -Dkrustlet.root="$PWD" \
  -cp "testbed/target/krustlet-testbed-0.1.0.jar:testbed/target/lib/*" dev.krustlet.testbed.load.Load "$@"
