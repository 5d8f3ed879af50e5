#!/usr/bin/env bash
# Unpacks containerd, 2.1 or newer unless told otherwise, from a newer suite of this system's own archive, beside the system: its packages, its
# apt and its containerd stay as they are. A directory that has one already is left alone.
# usage: fetch-containerd.sh DIRECTORY [MINIMUM]
set -euo pipefail
[ $# = 1 ] || [ $# = 2 ] || {
  echo 'usage: fetch-containerd.sh DIRECTORY [MINIMUM]' >&2
  exit 64
}
target=$1
minimum=${2:-2.1}

die() {
  printf 'containerd: %s\n' "$*" >&2
  exit 69
}

# programs DIRECTORY: whether each program is there, runs on this system and is new enough.
programs() {
  local program version
  [ -x "$1/containerd-shim-runc-v2" ] || return 1
  for program in containerd ctr; do
    version=$("$1/$program" --version | awk '{print $3}') || return 1
    [ "$(printf '%s\n' "$minimum" "${version#v}" | sort -V | head -n 1)" = "$minimum" ] || return 1
  done
}

! programs "$target" 2>/dev/null || exit 0
mkdir -p "$(dirname "$target")"
work=$(mktemp -d "$target.XXXXXX")
trap 'rm -rf "$work"' EXIT

from=$("$(dirname "$0")/unpack-newer.sh" "$work" "$minimum" containerd) || exit
programs "$work/usr/bin" 2>"$work/log" ||
  die "$from does not run on this system ($(head -n 1 "$work/log")); put one of $minimum or newer that does into $target"
echo "$from" >"$work/usr/bin/version"
rm -rf "$target"
mv -T "$work/usr/bin" "$target"
echo "  containerd $from is in $target" >&2
