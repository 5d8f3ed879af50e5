#!/usr/bin/env bash
# Builds the programs of a containerd release from its Go module, beside the system, whose own containerd stays as it is.
# A directory that has them already is left alone.
# usage: build-containerd.sh DIRECTORY LINE     (LINE: 2.4 or 2.3, of which the patch release below is built)
set -euo pipefail

die() {
  printf 'containerd: %s\n' "$*" >&2
  exit 69
}

target=$(realpath -m "${1:-.}")
case ${2:-} in
2.4) version=2.4.2 ;;
2.3) version=2.3.7 ;;
*)
  echo 'usage: build-containerd.sh DIRECTORY 2.4|2.3' >&2
  exit 64
  ;;
esac

# Whether the programs are there, run on this system and are of that version.
programs() {
  local program
  [ -x "$1/containerd-shim-runc-v2" ] || return 1
  for program in containerd ctr; do
    [ "$("$1/$program" --version 2>/dev/null | awk '{print $3}')" = "v$version" ] || return 1
  done
}

! programs "$target" || exit 0
command -v go >/dev/null ||
  die "Go is needed to build $version and not on the PATH: install it, or put containerd's programs into $target"
mkdir -p "$(dirname "$target")"
work=$(mktemp -d "$target.XXXXXX")
trap 'rm -rf "$work"' EXIT

echo "  building containerd $version, a minute or two" >&2
module=github.com/containerd/containerd/v2
# An older Go gets the one that the module asks for, also as a module.
GOBIN=$work GOFLAGS='' GOTOOLCHAIN=auto CGO_ENABLED=0 go install -trimpath \
  -ldflags "-s -w -X $module/version.Version=v$version" \
  "$module/cmd/containerd@v$version" "$module/cmd/ctr@v$version" "$module/cmd/containerd-shim-runc-v2@v$version" \
  >"$target.log" 2>&1 || die "$version cannot be built: $(tail -n 1 "$target.log") (log: $target.log)"
programs "$work" || die "what was built does not say that it is $version: $("$work/containerd" --version 2>&1 | head -n 1)"
rm -rf "$target" "$target.log"
chmod 755 "$work"
mv -T "$work" "$target"
trap - EXIT
echo "  containerd $version is in $target" >&2
