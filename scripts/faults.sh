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
as_root "$JAVA_HOME/bin/java" -XX:+UseSerialGC -XX:TieredStopAtLevel=1 --sun-misc-unsafe-memory-access=allow \
  -Dkrustlet.root="$PWD" -cp "testbed/target/krustlet-testbed-0.1.0.jar:testbed/target/lib/*" \
  dev.krustlet.testbed.faults.Faults "$@"
