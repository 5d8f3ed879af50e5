#!/usr/bin/env bash
# Lays out the directory a node can use, and packs it.
# usage: dist.sh VERSION ENGINE-BINARY|none
set -euo pipefail
version=$1 engine=$2
root=$(cd "$(dirname "$0")/../../.." && pwd)

target=$root/target home=$root/target/krustlet
rm -rf "$home" "$target"/krustlet-*.tar.gz
mkdir -p "$home/lib/command"
# The class path of a daemon is lib, that of the command is lib and lib/command.
cp "$root"/shim/target/{krustlet.jar,lib/*.jar} "$home/lib/"
for jar in "$root"/command/target/{krustlet-command.jar,lib/*.jar}; do
  [ -e "$home/lib/${jar##*/}" ] || cp "$jar" "$home/lib/command/"
done
cp -r "$root/shim/src/main/dist/." "$root/command/src/main/dist/." "$home/"
cp -r "$root/command/target/portable" "$home/lib/portable"
if [ "$engine" = none ]; then
  touch "$home/lib/portable/alone" # by which the command knows that no other engine belongs here
  name=krustlet-portable-$version
else
  cp "$engine" "$home/krustlet-engine"
  chmod 755 "$home/krustlet-engine"
  name=krustlet-$version
fi
# What the README's steps on a node name besides.
mkdir "$home/runtimeclass"
cp "$root"/runtimeclass/*.yaml "$home/runtimeclass/"
for example in "$root"/examples/*/; do
  to=$home/examples/$(basename "$example")
  mkdir -p "$to"
  tar -C "$example" --exclude=./target -cf - . | tar -C "$to" --no-same-owner -xf -
done
chmod 755 "$home/containerd-shim-krustlet-v1"

# Two builds of one version must never share a daemon: the contents are part of the version.
contents=$(cd "$home" && find . -type f | LC_ALL=C sort | xargs sha256sum | sha256sum | cut -c1-8)
echo "$version-$contents" >"$home/version"

# One life of a daemon, watched by the JVM, so that the next ones start with classes loaded and linked.
# shellcheck source=/dev/null
. "$home/lib/find-java.sh"
find_java "$home"
rehearsal=$(mktemp -d)
trap 'rm -rf "$rehearsal"' EXIT
# What it mounts is seen by nobody else and goes with it.
apart=()
! unshare --mount true 2>/dev/null || apart=(unshare --mount)
"${apart[@]}" "$JAVA" -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -XX:-UsePerfData -Xlog:disable -Xlog:all=error:stderr \
  --enable-native-access=ALL-UNNAMED -XX:AOTCacheOutput="$home/krustlet.aot" \
  -Dkrustlet.home="$home" -cp "$home/lib/krustlet.jar" dev.krustlet.shim.daemon.RehearsalMain "$rehearsal" ||
  echo "dist: no AOT cache could be made; the daemon will start slower" >&2

tar -C "$target" --sort=name --owner=0 --group=0 -czf "$target/$name-linux-$(uname -m).tar.gz" krustlet
echo "dist: $home ($(du -sh "$home" | cut -f1)), version $(cat "$home/version")"
