#!/usr/bin/env bash
# Finds or installs what a build and its tests need on a Debian-like system, and says what it cannot get.
# To be sourced: sets JAVA_HOME and PATH. Installing wants root; finding does not.

say() { printf '  %s\n' "$*" >&2; }
die() {
  printf 'krustlet: %s\n' "$*" >&2
  exit 69
}

as_root() {
  if [ "$(id -u)" = 0 ]; then "$@"; elif command -v sudo >/dev/null; then sudo "$@"; else return 1; fi
}

# Installs Debian packages without letting their services start: the system's own containerd stays as it was.
apt_install() {
  command -v apt-get >/dev/null || return 1
  say "installing $*"
  local guard=/usr/sbin/policy-rc.d made=''
  if [ ! -e $guard ]; then
    printf '#!/bin/sh\nexit 101\n' | as_root tee $guard >/dev/null && as_root chmod 755 $guard && made=1
  fi
  local status=0
  {
    as_root apt-get install -y -qq --no-install-recommends "$@" ||
      { as_root apt-get update -qq && as_root apt-get install -y -qq --no-install-recommends "$@"; }
  } >/dev/null 2>&1 || status=$?
  [ -z "$made" ] || as_root rm -f $guard
  return $status
}

# need PROGRAM PACKAGE…
need() {
  local program=$1
  shift
  command -v "$program" >/dev/null || apt_install "$@" || die "$program is missing and '$*' could not be installed"
}

# Prints the home of a JDK 25, if there is one.
find_jdk() {
  local home
  for home in "${JAVA_HOME:-}" /usr/lib/jvm/*; do
    [ -x "$home/bin/javac" ] && grep -q '^JAVA_VERSION="25' "$home/release" 2>/dev/null && echo "$home" && return
  done
  return 1
}

need_jdk() {
  JAVA_HOME=$(find_jdk) || {
    apt_install openjdk-25-jdk-headless || true
    JAVA_HOME=$(find_jdk) ||
      die "a JDK 25 is needed and this system's packages have none: unpack one below /usr/lib/jvm or set JAVA_HOME"
  }
  export JAVA_HOME
}

# The engine says in its Cargo.toml which Rust it needs; a distribution's own is often older.
need_rust() {
  local have want
  need cargo cargo
  want=$(sed -n 's/^rust-version = "\(.*\)"/\1/p' engine/Cargo.toml)
  have=$(cd engine && rustc --version | awk '{print $2}')
  [ "$(printf '%s\n%s\n' "$want" "$have" | sort -V | head -n 1)" = "$want" ] && return
  if command -v rustup >/dev/null; then
    say "installing Rust $want"
    rustup --quiet toolchain install --profile minimal --component clippy,rustfmt "$want" &&
      export RUSTUP_TOOLCHAIN=$want && return
  fi
  die "the engine needs Rust $want and this is $have: install a newer one, with rustup for example"
}

need_jdk
need mvn maven
need_rust
need containerd containerd
need runc runc
need busybox busybox-static
need python3 python3
need setpriv util-linux
need ip iproute2
[ -x /usr/lib/cni/bridge ] || apt_install containernetworking-plugins ||
  die "the CNI plugins of /usr/lib/cni are missing and 'containernetworking-plugins' could not be installed"
