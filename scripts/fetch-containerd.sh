#!/usr/bin/env bash
# Unpacks a containerd of 2.1 or newer from a newer suite of this system's own Debian archive, beside the system: its
# packages, its apt and its containerd stay as they are. A directory that has one already is left alone.
# usage: fetch-containerd.sh DIRECTORY
set -euo pipefail
[ $# = 1 ] || {
  echo "usage: fetch-containerd.sh DIRECTORY" >&2
  exit 64
}
target=$1
suites=(testing unstable)

die() {
  printf 'fetch-containerd: %s\n' "$*" >&2
  exit 69
}

# Whether the program $1 runs here and is new enough.
suits() {
  local version
  version=$("$1" --version 2>/dev/null | awk '{print $3}') || return 1
  case ${version#v} in
  2.0.* | [01].* | '') return 1 ;;
  [2-9].*) return 0 ;;
  *) return 1 ;;
  esac
}

! suits "$target/containerd" || exit 0
command -v apt-get >/dev/null || die 'this is no Debian-like system: unpack containerd 2.1 or newer there yourself'

# The archive of the system's own release, as `[signed-by=…] URI`: of the first source that has its suite and `main`.
own_archive() {
  local codename
  # shellcheck source=/dev/null
  codename=$(. /etc/os-release && echo "${VERSION_CODENAME:-}")
  { cat /etc/apt/sources.list.d/*.sources 2>/dev/null || true; } | awk -v RS= -v suite="$codename" '
    {
      uri = ""; suites = ""; components = ""; key = ""
      lines = split($0, line, "\n")
      for (i = 1; i <= lines; i++) {
        name = line[i]; sub(/:.*/, "", name)
        value = line[i]; sub(/[^:]*:[ \t]*/, "", value)
        if (name == "URIs") uri = value
        if (name == "Suites") suites = " " value " "
        if (name == "Components") components = " " value " "
        if (name == "Signed-By") key = value
      }
      if (index(suites, " " suite " ") && index(components, " main ")) {
        split(uri, first, " ")
        print (key ~ /^\// ? "[signed-by=" key "] " : "") first[1]
      }
    }'
  { cat /etc/apt/sources.list /etc/apt/sources.list.d/*.list 2>/dev/null || true; } | awk -v suite="$codename" '
    $1 == "deb" {
      options = ""
      if (match($0, /\[[^]]*\] */)) { options = substr($0, RSTART, RLENGTH); sub(/\[[^]]*\] */, "") }
      if ($3 == suite && / main( |$)/) print options $2
    }'
}

archive=$(own_archive | head -n 1)
[ -n "$archive" ] || die "the apt sources of this system name no archive that has a newer suite; put containerd 2.1 or newer into $target yourself"

mkdir -p "$(dirname "$target")"
work=$(mktemp -d "$(realpath "$(dirname "$target")")/fetch.XXXXXX")
trap 'rm -rf "$work"' EXIT
mkdir -p "$work/state/lists/partial" "$work/cache/archives/partial"

own_apt() {
  apt-get -qq -o Dir::State="$work/state" -o Dir::Cache="$work/cache" -o Dir::Etc::SourceList="$work/sources.list" \
    -o Dir::Etc::SourceParts=- -o APT::Sandbox::User="$(id -un)" "$@" 2>"$work/apt.log"
}

fetch() {
  echo "deb $archive $1 main" >"$work/sources.list"
  own_apt update && (cd "$work" && own_apt download containerd) || return 1
  dpkg-deb -x "$work"/containerd_*.deb "$work/root"
  rm -f "$work"/containerd_*.deb
  suits "$work/root/usr/bin/containerd"
}

for suite in "${suites[@]}"; do
  if fetch "$suite"; then
    rm -rf "$target"
    mv "$work/root/usr/bin" "$target"
    echo "containerd $("$target/containerd" --version | awk '{print $3}') of $suite is in $target" >&2
    exit 0
  fi
  rm -rf "$work/root"
done
die "no suite of ${suites[*]} has a containerd that is 2.1 or newer and runs here ($(tail -n 1 "$work/apt.log"))"
