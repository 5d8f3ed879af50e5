#!/usr/bin/env bash
# Finds or installs what a build and its tests need on a Debian-like system, and says what it cannot get.
# To be sourced: sets JAVA_HOME and PATH. Installing wants root; finding does not.

# shellcheck source=scripts/lib.sh
. scripts/lib.sh

PATH=$PATH:/usr/sbin:/sbin:${CARGO_HOME:-$HOME/.cargo}/bin

# A restart of services in use, as Ubuntu does it after installing, would be a change of the system too.
apt_get() { as_root env DEBIAN_FRONTEND=noninteractive NEEDRESTART_SUSPEND=1 apt-get -y -qq "$@"; }

# Runs a command while no package may start its services; one that this system decides by itself stays its own matter.
without_services() (
  guard=/usr/sbin/policy-rc.d
  if [ ! -e $guard ]; then
    trap 'as_root rm -f $guard' EXIT
    printf '#!/bin/sh\nexit 101\n' | as_root tee $guard >/dev/null && as_root chmod 755 $guard || exit
  fi
  "$@"
)

install_packages() {
  local options=(--no-install-recommends --no-remove)
  apt_get install "${options[@]}" "$@" || { apt_get update && apt_get install "${options[@]}" "$@"; }
}

# Installs Debian packages beside what is there: none is removed and no service starts, the system's containerd above all.
apt_install() {
  local said
  command -v apt-get >/dev/null && as_root true || return 1
  say "installing $*"
  said=$(without_services install_packages "$@" 2>&1) || {
    printf '%s\n' "$said" | sed -n 's/^E: /    /p' | tail -n 1 >&2
    return 1
  }
}

# need PROGRAM PACKAGE…
need() {
  local program=$1
  shift
  command -v "$program" >/dev/null || apt_install "$@" || die "$program is missing and '$*' could not be installed"
}

# Prints the home of a JDK 25 that runs here, if there is one.
find_jdk() {
  local home
  for home in "${JAVA_HOME:-}" /usr/lib/jvm/* "$PWD/.cache/jdk-25"; do
    [ -x "$home/bin/javac" ] && grep -q '^JAVA_VERSION="25' "$home/release" 2>/dev/null &&
      "$home/bin/java" -version 2>/dev/null && echo "$home" && return
  done
  return 1
}

# The system's own package is taken where its release has one, and else a newer release's, unpacked below .cache.
need_jdk() {
  JAVA_HOME=$(find_jdk) || {
    apt_install openjdk-25-jdk-headless || scripts/fetch-jdk.sh .cache/jdk-25 || true
    JAVA_HOME=$(find_jdk) ||
      die 'a JDK 25 is needed and could not be got: unpack one below /usr/lib/jvm or set JAVA_HOME to one'
  }
  export JAVA_HOME
}

# Prints the version of the Rust that builds the engine.
rust_version() { (cd engine && rustc --version 2>/dev/null | awk '{print $2}'); }

# rust_is VERSION: whether it is that or newer.
rust_is() { [ "$(printf '%s\n' "$1" "$(rust_version)" | sort -V | head -n 1)" = "$1" ]; }

# Takes a toolchain that rustup has already, or has it get one.
rust_by_rustup() {
  command -v rustup >/dev/null || return 1
  for RUSTUP_TOOLCHAIN in $(rustup toolchain list | awk '/^[0-9]|^stable/ {print $1}'); do
    export RUSTUP_TOOLCHAIN
    ! rust_is "$1" || return 0
  done
  export RUSTUP_TOOLCHAIN=$1
  say "installing Rust $1"
  rustup --quiet toolchain install --profile minimal --component clippy,rustfmt "$1" >&2 && rust_is "$1"
}

# The engine says in its Cargo.toml which Rust it needs; a distribution's own is often older, but it may have rustup.
need_rust() {
  local have want
  want=$(sed -n 's/^rust-version = "\(.*\)"/\1/p' engine/Cargo.toml)
  command -v cargo >/dev/null || apt_install rustup || need cargo cargo rustc
  have=$(rust_version) || have=''
  rust_is "$want" || rust_by_rustup "$want" ||
    die "the engine needs Rust $want, this is ${have:-none}, and rustup is not here or could not get it: install rustup or a newer Rust"
}

need_jdk
need mvn maven
need_rust
need cc gcc libc6-dev
need containerd containerd
need runc runc
need busybox busybox-static
need python3 python3
need setpriv util-linux
need ip iproute2
[ -x /usr/lib/cni/bridge ] || apt_install containernetworking-plugins ||
  die "the CNI plugins of /usr/lib/cni are missing and 'containernetworking-plugins' could not be installed"
