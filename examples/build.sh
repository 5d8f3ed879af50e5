#!/bin/sh
# Rebuilds every example's .wasm from its C source. On Debian or Ubuntu first:
#   apt-get install clang lld wasi-libc libclang-rt-14-dev-wasm32
# (the number is the major version of the installed clang).
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
