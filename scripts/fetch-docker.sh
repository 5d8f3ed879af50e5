#!/usr/bin/env bash
# Unpacks Docker, 26 or newer unless told otherwise, from a newer suite of this system's own archive, beside the system:
# the daemon, its proxy, its command and Compose. There is no service, no group and no bridge, and the system's
# containerd stays as it is. A directory that has one already is left alone.
# usage: fetch-docker.sh DIRECTORY [MINIMUM]
set -euo pipefail
[ $# = 1 ] || [ $# = 2 ] || {
  echo 'usage: fetch-docker.sh DIRECTORY [MINIMUM]' >&2
  exit 64
}
target=$1
minimum=${2:-26}

die() {
  printf 'docker: %s\n' "$*" >&2
  exit 69
}

# programs DIRECTORY: whether each program is there, runs on this system and is new enough.
programs() {
  local program version
  [ -x "$1/docker-proxy" ] && [ -x "$1/docker-compose" ] || return 1
  for program in dockerd docker; do
    version=$("$1/$program" --version | awk '{print $3}') || return 1
    [ "$(printf '%s\n' "$minimum" "$version" | sort -V | head -n 1)" = "$minimum" ] || return 1
  done
}

! programs "$target" 2>/dev/null || exit 0
mkdir -p "$(dirname "$target")"
work=$(mktemp -d "$target.XXXXXX")
trap 'rm -rf "$work"' EXIT

from=$("$(dirname "$0")/unpack-newer.sh" "$work" "$minimum" docker.io docker-cli docker-compose) || exit
mkdir "$work/bin"
cp "$work"/usr/sbin/{dockerd,docker-proxy} "$work/usr/bin/docker" "$work"/usr/libexec/docker/cli-plugins/docker-compose "$work/bin"
programs "$work/bin" 2>"$work/log" ||
  die "$from does not run on this system ($(head -n 1 "$work/log")); put one of $minimum or newer that does into $target"
echo "$from" >"$work/bin/version"
rm -rf "$target"
mv -T "$work/bin" "$target"
echo "  docker $from is in $target" >&2
