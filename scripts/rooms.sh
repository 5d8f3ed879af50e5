#!/bin/sh
# Prints the rooms of the engine by floors, the arrows between them that go up, and the circles, as the imports are. Which
# modules are a room says the table in ARCHITECTURE.md. With --svg it draws them instead.
# usage: rooms.sh [--svg FILE]
set -eu
cd "$(dirname "$0")/.."
PATH="$PATH:${CARGO_HOME:-$HOME/.cargo}/bin"
program=$(mktemp -d)
trap 'rm -r "$program"' EXIT
# That of the test which holds the rooms to their table; it needs nothing but the compiler.
rustc --edition 2024 -A dead_code -o "$program/rooms" engine/tests/rooms/main.rs
case "${1-}" in
  "") "$program/rooms" engine/src ARCHITECTURE.md ;;
  --svg) "$program/rooms" engine/src ARCHITECTURE.md --svg >"$2" ;;
  *) sed -n 's/^# usage: /usage: /p' "$0" >&2; exit 64 ;;
esac
