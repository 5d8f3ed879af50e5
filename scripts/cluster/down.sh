#!/usr/bin/env bash
# Takes the cluster away. To be sourced by cluster.sh.

# Every process that lives in the cluster's mounts or network, or in the cgroups of its pods.
of_cluster() {
  local process namespaces=$1
  for process in /proc/[0-9]*; do
    case $namespaces in
    *" $(readlink "$process/ns/mnt" 2>/dev/null) "* | *" $(readlink "$process/ns/net" 2>/dev/null) "*)
      echo "${process#/proc/}"
      ;;
    esac
  done
  find /sys/fs/cgroup -path "*/$group*" -name cgroup.procs -exec cat {} + 2>/dev/null || true
}

# What the programs of the node have logged, the pods, and what Kubernetes knows of them.
keep_logs() {
  rm -rf "$cluster/log"
  cp -r "$node/log" "$cluster/log" 2>/dev/null || return 0
  cp -r "$node/logs/pods" "$cluster/log/pods" 2>/dev/null || true
  kubectl --request-timeout=10s describe nodes,pods --all-namespaces >"$cluster/log/describe.txt" 2>&1 || true
  say "the logs are in $cluster/log"
}

down() {
  local pid namespaces left tries=0
  pid=$(holder) || pid=''
  if [ -n "$pid" ]; then
    namespaces=" $(readlink "/proc/$pid/ns/mnt") $(readlink "/proc/$pid/ns/net") "
    say 'ending the node'
    while left=$(of_cluster "$namespaces" | sort -un) && [ -n "$left" ] && [ $tries -lt 100 ]; do
      # shellcheck disable=SC2086 # pids are words
      kill -KILL $left 2>/dev/null || true
      sleep 0.1
      tries=$((tries + 1))
    done
    [ -z "$left" ] || die "these processes do not end: $left"
  fi
  find /sys/fs/cgroup -depth -type d -path "*/$group*" -exec rmdir {} + 2>/dev/null || true
  rm -rf "$node"
  say 'nothing of it is left but what was built (.cache/cluster)'
}
