#!/usr/bin/env bash
# Shows krustlet on a whole Kubernetes, step by step. To be sourced by demo.sh.
# shellcheck source=scripts/demo/screen.sh
. scripts/demo/screen.sh

namespace=krustlet-demo
title='the cluster'
made=''
within=''
brought=''

# In the demo's namespace, once there is one.
kubectl() { scripts/cluster.sh kubectl ${within:+-n "$within"} "$@"; }

# Whatever is left of the demo, at its end or in the midst of it.
leave() {
  local status=$?
  trap - EXIT
  trap '' INT TERM HUP
  # A status from 128 on is a signal's: nothing has failed then.
  if [ $status != 0 ] && [ $status -lt 128 ] && [ -n "$made$brought" ]; then
    scripts/cluster.sh logs >&2 || true
  fi
  if [ -n "$brought" ] && [ -z "$keep" ]; then
    scripts/cluster.sh down
  elif [ -n "$made" ]; then
    scripts/cluster.sh kubectl delete namespace $namespace --timeout=120s >&2
  fi
  rm -f "$said" "$answers"
  exit $status
}

# need_cluster LINE: of Kubernetes; the one that is up must be of it, if it names one.
need_cluster() {
  local want=$1 have
  if scripts/cluster.sh status >/dev/null 2>&1; then
    note 'A cluster is up, and stays up.'
  else
    note "No cluster is up. This makes one, which ${keep:-is taken away at the end (--keep leaves it)}."
    scripts/cluster.sh up ${want:+--kubernetes "$want"} || fail 'none could be made'
    brought=yes
  fi
  have=$(kubectl get nodes -o 'jsonpath={.items[0].status.nodeInfo.kubeletVersion}' 2>&1) || fail "it does not answer: $have"
  case $have in
  v${want:-1}.*) ;;
  *) fail "it is Kubernetes $have, not $want; 'scripts/cluster.sh down' takes it away" ;;
  esac
}

make_namespace() {
  note 'To type the same: alias kubectl="scripts/cluster.sh kubectl"'
  shows get nodes -o 'custom-columns=NODE:.metadata.name,KUBERNETES:.status.nodeInfo.kubeletVersion,RUNTIME:.status.nodeInfo.containerRuntimeVersion'
  shows get runtimeclass krustlet
  shows create namespace $namespace
  made=yes
  within=$namespace
  note "From here on kubectl is 'kubectl -n $namespace'."
  kubectl wait --for=create serviceaccount/default --timeout=60s >/dev/null || fail 'the namespace gets no service account'
}

show_mixed() {
  step '1. A pod of two kinds: a wasm container, and a native sidecar that follows its file'
  shows apply -f examples/mixed/pod.yaml
  shows wait --for=condition=Ready pod/mixed --timeout=120s
  shows_once '^([3-9]|[1-9][0-9]+)$' logs mixed -c counter --tail=3
  shows_once '^([3-9]|[1-9][0-9]+)$' logs mixed -c sidecar --tail=3
}

show_exec() {
  step '2. exec: a program in the sidecar, a module in the wasm container'
  shows exec mixed -c sidecar -- tail -n 2 /shared/numbers
  claim '^[0-9]+$'
  shows exec mixed -c counter -- /counter.wasm --interval 200 --count 3
  claim '^1$' '^2$' '^3$'
}

show_service() {
  step '3. A Deployment of a wasm service, behind a Service'
  shows apply -f examples/web/deployment.yaml
  shows rollout status deployment/web --timeout=120s
  shows get pods -l app.kubernetes.io/name=web -o wide
  note 'Asked by a native container:'
  shows exec mixed -c sidecar -- wget -q -O - "http://web.$namespace.svc.cluster.local:8080/"
  claim '^hello, world$'
  note 'Asked by a wasm container:'
  shows apply -f examples/fetch/pod.yaml
  shows_once '^hello, world$' logs fetch
}

# What the client does until it is told that it is enough.
asking='until [ -e /shared/enough ]; do wget -q -O - http://web:8080/ || echo no answer; done'

show_update() {
  local old client failures
  step '4. A rolling update, while a client asks all the time'
  mapfile -t old < <(kubectl get pods -l app.kubernetes.io/name=web -o name)
  note 'In the background:'
  prompt exec mixed -c sidecar -- sh -c "$asking"
  kubectl exec mixed -c sidecar -- sh -c "$asking" >"$answers" 2>&1 </dev/null &
  client=$!
  shows set env deployment/web NAME=Kubernetes
  shows rollout status deployment/web --timeout=180s
  shows wait --for=delete "${old[@]}" --timeout=60s
  shows exec mixed -c sidecar -- touch /shared/enough
  wait $client || fail "the client ended with $?: $(tail -n 1 "$answers")"
  failures=$(grep -cv '^hello, ' "$answers") || true
  note 'The client was told, and how often:'
  sort "$answers" | uniq -c | tee "$said" | sed 's/^/  /'
  note "$(grep -c '^hello, ' "$answers") answers, $failures failures"
  claim ' hello, world$' ' hello, Kubernetes$'
  [ "$failures" = 0 ] || fail "$failures requests had no answer"
}

show_limit() {
  step '5. A wasm container that wants more memory than its limit'
  shows apply -f examples/memory/pod.yaml
  shows wait --for=jsonpath='{.status.phase}=Failed' pod/memory --timeout=120s
  shows logs memory --tail=5
  shows_lines 'State:' 'Exit Code:' describe pod memory
  claim 'Reason: *OOMKilled'
}

show_kubernetes() {
  trap leave EXIT
  trap 'exit 129' HUP
  trap 'exit 130' INT
  trap 'exit 143' TERM
  bold 'Krustlet on a whole Kubernetes'
  need_cluster "$1"
  make_namespace
  show_mixed
  show_exec
  show_service
  show_update
  show_limit
  step '6. All of it goes'
  within=''
  shows delete namespace $namespace --timeout=120s
  made=''
}
