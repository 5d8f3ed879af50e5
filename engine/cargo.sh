#!/bin/sh
# Runs cargo without the network when everything is there already, and with it when something is missing.
# usage: cargo.sh COMMAND [ARGS…]
set -eu
cd "$(dirname "$0")"
PATH="$PATH:${CARGO_HOME:-$HOME/.cargo}/bin"
command -v cargo >/dev/null || { echo "cargo.sh: cargo is not installed; see https://rustup.rs" >&2; exit 127; }
if cargo fetch --locked --offline >/dev/null 2>&1; then
  export CARGO_NET_OFFLINE=true
fi
exec cargo "$@"
