#!/bin/sh
# Rebuilds every example's .wasm from its source, C or Rust. On Debian or Ubuntu first:
#   apt-get install clang lld wasi-libc libclang-rt-14-dev-wasm32
# (the number is the major version of the installed clang), and for those in Rust:
#   rustup target add wasm32-wasip1 wasm32-wasip2
set -eu
cd "$(dirname "$0")"

for tool in clang wasm-ld; do
    if ! command -v "$tool" >/dev/null; then
        echo "build.sh: $tool is missing; apt-get install clang lld wasi-libc libclang-rt-14-dev-wasm32" >&2
        exit 69
    fi
done

for example in hello files counter; do
    clang --target=wasm32-wasi -Oz -Wall -Wextra -Werror -Wl,--strip-all \
        -o "$example/$example.wasm" "$example/$example.c"
    echo "$example/$example.wasm: $(wc -c <"$example/$example.wasm") bytes"
done

for target in wasm32-wasip1 wasm32-wasip2; do
    if ! command -v rustc >/dev/null || [ ! -d "$(rustc --print target-libdir --target "$target")" ]; then
        echo "build.sh: Rust's $target is missing; rustup target add $target" >&2
        exit 69
    fi
done
compile() {
    rustc --edition 2024 --target "$1" -D warnings -C opt-level=z -C lto -C codegen-units=1 -C panic=abort \
        -C strip=symbols -o "$2/$2.wasm" "$2/$2.rs"
    chmod 644 "$2/$2.wasm"
    echo "$2/$2.wasm: $(wc -c <"$2/$2.wasm") bytes"
}
compile wasm32-wasip2 echo
compile wasm32-wasip1 file-server
compile wasm32-wasip1 memory

for example in fetch keyvalue-counter relay web; do
    (
        cd "$example"
        cargo build --quiet --release --locked --target wasm32-wasip2
        cp "target/wasm32-wasip2/release/$example.wasm" .
    )
    echo "$example/$example.wasm: $(wc -c <"$example/$example.wasm") bytes"
done
