#!/usr/bin/env bash
# What the scripts share. To be sourced at the repository's root.

say() { printf '  %s\n' "$*" >&2; }
die() {
  printf 'krustlet: %s\n' "$*" >&2
  exit 69
}

as_root() {
  if [ "$(id -u)" = 0 ]; then "$@"; elif command -v sudo >/dev/null; then sudo "$@"; else return 1; fi
}

# Prints the version that the root pom gives to everything.
project_version() { sed -n 's/^  <version>\(.*\)<\/version>$/\1/p' pom.xml | head -n 1; }

# Prints the version of Wasmtime that the engine is built on.
wasmtime_version() { sed -n 's/^wasmtime = { version = "=\([^"]*\)".*/\1/p' engine/Cargo.toml; }

# java_of MODULE CLASS ARGUMENT…: runs a class of a built module as root. Wants install-deps.sh, for JAVA_HOME.
java_of() {
  local module=$1
  shift
  as_root "$JAVA_HOME/bin/java" -XX:+UseSerialGC -XX:TieredStopAtLevel=1 --enable-native-access=ALL-UNNAMED \
    --sun-misc-unsafe-memory-access=allow -Djava.util.logging.config.file=/dev/null -Dkrustlet.root="$PWD" \
    -cp "$module/target/krustlet-$module-$(project_version).jar:$module/target/lib/*" "$@"
}
