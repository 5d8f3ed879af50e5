#!/usr/bin/env bash
# Lays out the directory a node can use, and packs it.
# usage: dist.sh VERSION SHIM-JAR DEPENDENCIES-DIR COMMAND-DEPENDENCIES-DIR DIST-SOURCES ENGINE-BINARY|none TARGET-DIR
#                PORTABLE-DIR
set -euo pipefail
version=$1 jar=$2 dependencies=$3 command=$4 sources=$5 engine=$6 target=$7 portable=$8

home=$target/krustlet
rm -rf "$home" "$target"/krustlet-*.tar.gz
mkdir -p "$home/lib/command"
cp "$jar" "$home/lib/krustlet.jar"
cp "$dependencies"/*.jar "$home/lib/"
cp "$command"/*.jar "$home/lib/command/"
cp -r "$sources/." "$home/"
cp -r "$portable" "$home/lib/portable"
if [ "$engine" = none ]; then
  touch "$home/lib/portable/alone" # by which the command knows that no other engine belongs here
  name=krustlet-portable-$version
else
  cp "$engine" "$home/krustlet-engine"
  chmod 755 "$home/krustlet-engine"
  name=krustlet-$version
fi
# What the README's steps on a node name besides.
root=$(cd "$(dirname "$0")/../../.." && pwd)
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
