#!/usr/bin/env bash
# Builds what a cluster is made of, below .cache. To be sourced by up.sh.

# release LINE: the patch release of Kubernetes that is built for it.
release() { sed -n 's/.*k8s.io\/kubernetes \(v[0-9.]*\)$/\1/p' "testbed/cluster/kubernetes/kubernetes-$1.mod" | head -n 1; }

build_kubernetes() {
  local line=$1 version target=$cluster/kubernetes-$1/kubernetes log=$cluster/kubernetes-$1.log
  version=$(release "$line")
  [ ! -x "$target" ] || [ "$(cat "$target.version" 2>/dev/null)" != "$version" ] || return 0
  say "building Kubernetes $version, seven minutes the first time (log: $log)"
  mkdir -p "${target%/*}"
  local package=k8s.io/component-base/version minor=${line#*.}
  (cd testbed/cluster/kubernetes && GOFLAGS='' GOTOOLCHAIN=auto CGO_ENABLED=0 go build -mod=mod \
    -modfile="kubernetes-$line.mod" -trimpath \
    -ldflags "-s -w -X $package.gitVersion=$version -X $package.gitMajor=1 -X $package.gitMinor=$minor" \
    -o "$target" .) >"$log" 2>&1 || die "Kubernetes $version cannot be built: $(tail -n 1 "$log") (log: $log)"
  echo "$version" >"$target.version"
}

# build_module MODULE WHAT: one of testbed/cluster.
build_module() {
  local target=$cluster/$1 log=$cluster/$1.log
  [ ! -x "$target" ] || return 0
  say "building $2"
  (cd "testbed/cluster/$1" && GOFLAGS='' GOTOOLCHAIN=auto CGO_ENABLED=0 go build -mod=mod -trimpath \
    -ldflags '-s -w' -o "$target" .) >"$log" 2>&1 ||
    die "$2 cannot be built: $(tail -n 1 "$log") (log: $log)"
}

build_all() {
  mkdir -p "$cluster"
  command -v go >/dev/null || apt_install golang-go || die 'Go is missing and golang-go could not be installed'
  need iptables iptables
  need openssl openssl
  need conntrack conntrack
  scripts/build-containerd.sh "$cluster/containerd-$2" "$2" || exit
  build_kubernetes "$1"
  build_module coredns CoreDNS
  build_module metrics-server 'the metrics server'
  # shellcheck source=scripts/build.sh
  . scripts/build.sh
  if changed; then build; fi
}
