#!/usr/bin/env bash
# Runs a suite on a node with each of the runtimes, and compares. To be sourced by conformance.sh.

reports=target/conformance

# What ginkgo is told of both suites.
ginkgo() {
  local labels=$1 report=$2
  shift 2
  [ -z "$focus" ] || set -- --focus "$focus" "$@"
  scripts/cluster.sh exec "$tools/ginkgo" --procs "$procs" --no-color --timeout 6h --poll-progress-after 0 \
    --label-filter "$labels" --output-dir "$(dirname "$report")" --junit-report "$(basename "$report")" "$@"
}

# The labels of the specs that a short run leaves out.
short() { [ -n "$long" ] || echo ' && !Serial && !Disruptive'; }

suite_node() {
  ginkgo "NodeConformance$(short)" "$1" "$tools/e2e.test" -- --kubeconfig "$cluster/node/admin.conf" --disable-log-dump \
    --allowed-not-ready-nodes 0 --num-nodes 1
}

suite_critest() {
  local socket=unix://$cluster/node/c.sock
  ginkgo '!Windows' "$1" "$tools/critest.test" -- --runtime-endpoint "$socket" --image-endpoint "$socket"
}

start_node() {
  local suite=$1 bare=()
  [ "$suite" != critest ] || bare=(--bare)
  scripts/cluster.sh down 2>/dev/null
  scripts/cluster.sh up --kubernetes "$kubernetes" --containerd "$containerd" --runtime "$2" "${bare[@]}"
  # Whatever registry an image's name has, it is asked of this one.
  mkdir -p "$cluster/node/registries/_default"
  echo 'server = "http://127.0.0.1:5000"' >"$cluster/node/registries/_default/hosts.toml"
  (registry_serve 127.0.0.1:5000 scripts/cluster.sh exec) &
}

# run_suite SUITE RUNTIME REPORT: its log is beside the report.
run_suite() {
  local log=${3%.xml}.log
  rm -f "$3"
  start_node "$1" "$2"
  say "running $1 with $2 (log: $log)"
  "suite_$1" "$PWD/$3" >"$log" 2>&1 || true
  cp -r "$cluster/node/log" "${3%.xml}.node" 2>/dev/null || true
  scripts/cluster.sh down
  [ -s "$3" ] || die "$1 with $2 did not come to its end: $(tail -n 1 "$log") (log: $log)"
}

# compare SUITE
compare() {
  local each directory=$reports/$1-$kubernetes-containerd-$containerd files=()
  mkdir -p "$directory"
  trap 'scripts/cluster.sh down' EXIT
  for each in ${runtimes//,/ }; do
    run_suite "$1" "$each" "$directory/$each.xml"
    files+=("$each=$directory/$each.xml")
  done
  trap - EXIT
  java_of testbed dev.krustlet.testbed.conformance.Comparison "${files[@]}" | tee "$directory/report.md"
  return "${PIPESTATUS[0]}"
}
