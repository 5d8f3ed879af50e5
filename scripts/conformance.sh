#!/usr/bin/env bash
# Kubernetes' own tests of a node, and those of CRI, with krustlet as every pod's runtime and with runc's shim.
set -euo pipefail
cd "$(dirname "$0")/.."

usage() {
  cat <<'HELP'
usage: scripts/conformance.sh [node] [critest] [options]

Runs tests that are not ours on a node of a whole Kubernetes (scripts/cluster.sh), once with krustlet as containerd's
default runtime and once with runc's shim, and prints what differs. Fails if a spec passes with runc's shim and not with
krustlet. Both suites unless one is named:

  node     the [NodeConformance] specs of Kubernetes' e2e.test, some 250
  critest  the specs of cri-tools' critest, some 140, on a node without a kubelet

  --kubernetes 1.36|1.37   (1.36)
  --containerd 2.4|2.3     (2.4)
  --long                   also the specs that are Serial or Disruptive; hours
  --focus REGEX            only the specs whose name it matches
  --runtimes LIST          (krustlet,runc)
  --procs N                how many specs run at a time (4)

The first time takes some fifteen minutes more, to build what runs; it is kept below .cache. Images that a registry would
have are stood in for by ones of the same names, made of Debian packages and of the tests' own programs. Reports (JUnit
XML, logs, a table in Markdown) are in target/conformance. Wants root, or asks sudo for it.
HELP
}

[ "$(id -u)" = 0 ] || exec sudo "$0" "$@"
suites=() kubernetes=1.36 containerd=2.4 long='' focus='' runtimes=krustlet,runc procs=4
while [ $# -gt 0 ]; do
  case $1 in
  node | critest) suites+=("$1") ;;
  --kubernetes | --containerd | --focus | --runtimes | --procs) declare "${1#--}=${2:?}" && shift ;;
  --long) long=yes ;;
  -h | --help) usage && exit ;;
  *) echo "conformance.sh: '$1' is not an option; see --help" >&2 && exit 64 ;;
  esac
  shift
done
[ ${#suites[@]} != 0 ] || suites=(node critest)

# shellcheck source=scripts/install-deps.sh
. scripts/install-deps.sh
# shellcheck source=scripts/conformance/build.sh
. scripts/conformance/build.sh
# shellcheck source=scripts/conformance/images.sh
. scripts/conformance/images.sh
# shellcheck source=scripts/conformance/run.sh
. scripts/conformance/run.sh

build_tests
make_images
failed=''
for suite in "${suites[@]}"; do
  compare "$suite" || failed=yes
done
[ -z "$failed" ] || die "a spec passes with runc's shim alone, or a suite did not come to its end; see the tables above"
