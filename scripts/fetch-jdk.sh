#!/usr/bin/env bash
# Unpacks a JDK 25 from a newer suite of this system's own archive, beside the system, which stays as it is. A directory
# that has one already is left alone.
# usage: fetch-jdk.sh DIRECTORY
set -euo pipefail
[ $# = 1 ] || {
  echo 'usage: fetch-jdk.sh DIRECTORY' >&2
  exit 64
}
target=$(realpath -m "$1")
here=$(dirname "$0")

die() {
  printf 'JDK 25: %s\n' "$*" >&2
  exit 69
}

# runs HOME: whether the JDK there compiles on this system.
runs() { [ -x "$1/bin/javac" ] && "$1/bin/java" -version && "$1/bin/javac" -version; }

# The package's settings are links into /etc, where nothing was put; the system's certificates are where they were.
settle() {
  local link
  find "$1" -lname '/etc/java-*' | while read -r link; do
    cp --remove-destination "$work$(readlink "$link")" "$link"
  done
}

# wrap FILE: makes FILE, a program of the JDK, start with the C library beside it. `ld.so` lies in `bin`, where the JDK
# looks for its home from the running program.
wrap() {
  local name
  name=$(basename "$1")
  mv "$1" "$work/jdk/own/$name"
  cat >"$1" <<SH
#!/bin/sh
exec '$target/bin/ld.so' --library-path '$target/libc' '$target/own/$name' "\$@"
SH
  chmod 755 "$1"
}

# The JDK of a newer suite may need a newer C library than this system's.
with_own_libc() {
  local loader file
  "$here/unpack-newer.sh" "$work/c" 2.38 libc6 >/dev/null || exit
  loader=$(find "$work/c/" -type f -name 'ld-linux-*.so.*' | head -n 1)
  mkdir "$work/jdk/own"
  for file in "$work"/jdk/bin/* "$work/jdk/lib/jspawnhelper"; do wrap "$file"; done
  mv "$(dirname "$loader")" "$work/jdk/libc"
  cp "$work/jdk/libc/$(basename "$loader")" "$work/jdk/bin/ld.so"
}

! runs "$target" >/dev/null 2>&1 || exit 0
mkdir -p "$(dirname "$target")"
work=$(mktemp -d "$target.XXXXXX")
trap 'rm -rf "$work"' EXIT

from=$("$here/unpack-newer.sh" "$work" 25 openjdk-25-jdk-headless openjdk-25-jre-headless) || exit
mv "$work"/usr/lib/jvm/java-25-openjdk-* "$work/jdk"
settle "$work/jdk"
runs "$work/jdk" >/dev/null 2>&1 || with_own_libc
rm -rf "$target"
mv -T "$work/jdk" "$target"
runs "$target" >"$work/log" 2>&1 ||
  die "$from does not run on this system ($(head -n 1 "$work/log")); unpack one that does below /usr/lib/jvm or set JAVA_HOME"
echo "  JDK $from is in $target" >&2
