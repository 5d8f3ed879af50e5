#!/usr/bin/env bash
# Builds the program of engine/tests/guests/languages into .cache/languages, and has the engine run what was built.
# usage: languages.sh [--build] [LANGUAGE…]
# LANGUAGE is c, go, javascript or python; all of them if none is named. --build leaves the test out. A module that is
# newer than its sources and this script is left alone.
set -euo pipefail
cd "$(dirname "$0")/.."

# The compilers; what they bring along has the versions that they ask for.
componentize_js=0.23.0
componentize_py=0.25.1
go_minimum=1.21

# shellcheck source=scripts/install-deps.sh
. scripts/install-deps.sh

sources=engine/tests/guests/languages
out=$PWD/.cache/languages
tools=$PWD/.cache/languages/tools
test=yes
if [ "${1:-}" = --build ]; then
  test=''
  shift
fi
languages=("$@")
if [ $# = 0 ]; then
  languages=(c go javascript python)
  say 'tinygo: left out, Debian has no package of it'
fi

# The WIT packages of WASI that the engine's own Wasmtime brings along, and the world of the program.
wit() {
  local manifest
  manifest=$(cd engine && cargo metadata --locked --format-version 1 2>/dev/null |
    python3 -c 'import json, sys
print(next(p["manifest_path"] for p in json.load(sys.stdin)["packages"] if p["name"] == "wasmtime-wasi-http"))')
  rm -rf "$out/wit" && mkdir -p "$out/wit" && cp -r "$(dirname "$manifest")/wit/deps" $sources/wit/world.wit "$out/wit"
}

build_c() {
  local version
  command -v clang >/dev/null && command -v wasm-ld >/dev/null || apt_install clang lld || return 1
  version=$(clang -dumpversion | cut -d. -f1)
  [ -e /usr/include/wasm32-wasi/stdio.h ] || apt_install wasi-libc || return 1
  [ -e "$(clang --target=wasm32-wasi -print-libgcc-file-name)" ] ||
    apt_install "libclang-rt-$version-dev-wasm32" || return 1
  clang --target=wasm32-wasi -Oz -Wall -Wextra -Werror -Wl,--strip-all -o "$1" $sources/c/main.c
}

# go_is PROGRAM: whether it is new enough to know wasip1.
go_is() {
  local version
  version=$("$1" version 2>/dev/null | sed -n 's/^go version go\([0-9.]*\).*/\1/p')
  [ -n "$version" ] && [ "$(printf '%s\n' "$go_minimum" "$version" | sort -V | head -n 1)" = "$go_minimum" ]
}

# Prints a Go that is new enough: the one on the path, the distribution's, or that of a newer suite, which is unpacked.
find_go() {
  local go
  for go in "$(command -v go)" /usr/local/go/bin/go "$tools"/go/usr/lib/go-*/bin/go; do
    ! go_is "$go" || { echo "$go" && return; }
  done
  return 1
}

# Whether the distribution's own package is new enough.
packaged_go() {
  local candidate
  candidate=$(apt-cache policy golang-go 2>/dev/null | sed -n 's/^ *Candidate: \([0-9]*:\)\?//p')
  dpkg --compare-versions "$candidate" ge $go_minimum 2>/dev/null
}

need_go() {
  find_go && return
  if packaged_go && apt_install golang-go && find_go; then return; fi
  scripts/unpack-newer.sh "$tools/go" $go_minimum golang-1.24-go golang-1.24-src >/dev/null && find_go
}

build_go() {
  local go
  go=$(need_go) || return 1
  GOROOT='' GOTOOLCHAIN=local GOFLAGS='' GOOS=wasip1 GOARCH=wasm \
    "$go" build -C $sources/go -trimpath -ldflags='-s -w' -o "$1" .
}

build_javascript() {
  local package=@bytecodealliance/componentize-js
  command -v npm >/dev/null || apt_install nodejs npm || return 1
  mkdir -p "$tools/javascript"
  grep -qs "\"version\": \"$componentize_js\"" "$tools/javascript/node_modules/$package/package.json" ||
    npm install --silent --no-audit --no-fund --prefix "$tools/javascript" --save-exact "$package@$componentize_js" ||
    return 1
  wit
  "$tools/javascript/node_modules/.bin/componentize-js" $sources/javascript/main.js -w "$out/wit" -n program -o "$1"
}

build_python() {
  local python=$tools/python
  [ -x "$python/bin/pip" ] || python3 -m venv "$python" || {
    apt_install python3-venv && python3 -m venv --clear "$python"
  } || return 1
  "$python/bin/pip" install -q --disable-pip-version-check "componentize-py==$componentize_py" || return 1
  wit
  # It leaves compiled files beside the source.
  rm -rf "$out/python" && cp -r $sources/python "$out/python"
  "$python/bin/componentize-py" -q -d "$out/wit" -w krustlet:languages/program componentize -p "$out/python" app -o "$1"
}

# is_new LANGUAGE: whether its module is there and nothing that it comes of has changed since.
is_new() {
  [ -e "$out/$1.wasm" ] &&
    [ -z "$(find "$sources/$1" $sources/wit scripts/languages.sh -newer "$out/$1.wasm" -type f -print -quit)" ]
}

mkdir -p "$tools"
built=()
for language in "${languages[@]}"; do
  declare -F "build_$language" >/dev/null || die "languages.sh: '$language' is none of c, go, javascript, python"
  started=$SECONDS
  if is_new "$language"; then
    built+=("$language")
    continue
  fi
  say "$language: building"
  if "build_$language" "$out/$language.new" >"$out/$language.log" 2>&1; then
    mv "$out/$language.new" "$out/$language.wasm"
    built+=("$language")
    say "$language: $(wc -c <"$out/$language.wasm") bytes in $((SECONDS - started)) s"
  else
    say "$language: skipped, $(tail -n 1 "$out/$language.log") (log: $out/$language.log)"
  fi
done
[ ${#built[@]} -gt 0 ] || die 'no module could be built'
[ -n "$test" ] || exit 0
cd engine
KRUSTLET_LANGUAGES="${built[*]}" exec ./cargo.sh test --release --locked --test languages
