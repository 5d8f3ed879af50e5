#!/usr/bin/env bash
# Builds the distribution without tests, if anything has changed since. To be sourced, and before `build` also
# install-deps.sh.

build_log=target/quick-build.log
build_stamp=target/quick-build.stamp

# A step a line while Maven works; the engine's first build is the long one.
build() {
  mkdir -p target
  say "building; the first time takes some minutes, most of them for Wasmtime (log: $build_log)"
  local started=$SECONDS
  mvn -B -ntp package -Dquick -DskipTests 2>&1 | tee "$build_log" |
    awk '/Building Krustlet: /{sub(/.*Krustlet: /,""); sub(/ [0-9.]+ .*/,""); print "    " $0; fflush()}' >&2 ||
    die "the build failed: $(grep -m1 ERROR "$build_log" || tail -n 1 "$build_log") (log: $build_log)"
  touch "$build_stamp"
  say "built in $((SECONDS - started)) s"
}

changed() {
  [ ! -e "$build_stamp" ] || [ ! -x target/krustlet/krustlet-engine ] ||
    [ -n "$(find pom.xml proto ttrpc engine/src shim command testbed bench examples -newer "$build_stamp" -type f \
      -not -path '*/target/*' -print -quit)" ]
}
