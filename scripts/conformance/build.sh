#!/usr/bin/env bash
# Builds the tests and what their images hold, below .cache. To be sourced by conformance.sh.

tools=$PWD/.cache/conformance/$kubernetes
cluster=$PWD/.cache/cluster
# shellcheck source=scripts/cluster/build.sh
. scripts/cluster/build.sh

# go_build NAME ARGUMENT…: runs Go where the module is, unless the program is there.
go_build() {
  local name=$1
  shift
  [ ! -x "$tools/$name" ] || return 0
  say "building $name"
  GOFLAGS='' GOTOOLCHAIN=auto CGO_ENABLED=0 nice go "$@" >"$tools/$name.log" 2>&1 ||
    die "$name cannot be built: $(tail -n 1 "$tools/$name.log") (log: $tools/$name.log)"
}

build_tests() {
  mkdir -p "$tools"
  build_all "$kubernetes" "$containerd"
  (
    cd testbed/cluster/kubernetes
    flags=(-mod=mod -modfile="kubernetes-$kubernetes.mod" -trimpath)
    go_build e2e.test test -c -vet=off "${flags[@]}" -ldflags '-s -w' -o "$tools/e2e.test" k8s.io/kubernetes/test/e2e
    for image in agnhost nonewprivs; do
      go_build $image build "${flags[@]}" -ldflags '-s -w' -o "$tools/$image" "k8s.io/kubernetes/test/images/$image"
    done
    go_build ginkgo build "${flags[@]}" -o "$tools/ginkgo" github.com/onsi/ginkgo/v2/ginkgo
  )
  (
    cd testbed/cluster/critest
    go_build critest.test test -c -vet=off -mod=mod -trimpath -ldflags '-s -w' -o "$tools/critest.test" sigs.k8s.io/cri-tools/cmd/critest
    go_build crane build -mod=mod -trimpath -ldflags '-s -w' -o "$tools/crane" github.com/google/go-containerregistry/cmd/crane
  )
}
