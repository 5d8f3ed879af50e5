#!/bin/sh
# Rebuilds the guests of the conformance tests from their sources. First:
#   rustup target add wasm32-wasip2
set -eu
cd "$(dirname "$0")"

if ! command -v rustc >/dev/null || [ ! -d "$(rustc --print target-libdir --target wasm32-wasip2)" ]; then
    echo "build.sh: Rust's wasm32-wasip2 is missing; rustup target add wasm32-wasip2" >&2
    exit 69
fi
for guest in command service grpc reader spin command3 service3; do
    (
        cd "$guest"
        cargo build --quiet --release --locked --target wasm32-wasip2
        cp "target/wasm32-wasip2/release/$guest.wasm" .
    )
    echo "$guest/$guest.wasm: $(wc -c <"$guest/$guest.wasm") bytes"
done
