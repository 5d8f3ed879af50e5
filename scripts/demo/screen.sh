#!/usr/bin/env bash
# What the demo on Kubernetes says, and how it looks whether that is so. To be sourced by kubernetes.sh.

said=$(mktemp)
# shellcheck disable=SC2034 # of kubernetes.sh
answers=$(mktemp)

step() {
  title=$1
  echo
  bold "$1"
}

note() { printf '  %s\n' "$*"; }

fail() {
  printf "demo.sh: '%s': %s\n" "$title" "$1" >&2
  exit 1
}

# prompt KUBECTL-ARGUMENT…: the command as one types it.
prompt() {
  local each line='  $ kubectl'
  for each; do
    case $each in
    *[!A-Za-z0-9_./:=,@-]*) line+=" '$each'" ;;
    *) line+=" $each" ;;
    esac
  done
  printf '%s\n' "$line"
}

# shows KUBECTL-ARGUMENT…: prints the command and, as it comes, what it says; it has to succeed.
shows() {
  prompt "$@"
  kubectl "$@" 2>&1 </dev/null | tee "$said" | sed -u 's/^/    /' || fail "kubectl ended with $?"
}

# shows_lines FIRST LAST KUBECTL-ARGUMENT…: as `shows`, the lines from a pattern to another one.
shows_lines() {
  local lines="/$1/,/$2/p"
  shift 2
  printf "%s | sed -n '%s'\n" "$(prompt "$@")" "$lines"
  kubectl "$@" 2>&1 </dev/null | sed -n "$lines" | tee "$said" | sed 's/^/    /' || fail "kubectl ended with $?"
}

# shows_once PATTERN KUBECTL-ARGUMENT…: as `shows`, as soon as what it says has a line of the pattern.
shows_once() {
  local pattern=$1 deadline=$((SECONDS + 60))
  shift
  until kubectl "$@" >"$said" 2>&1 </dev/null && grep -Eq -- "$pattern" "$said"; do
    [ $SECONDS -lt $deadline ] || break
    sleep 0.5
  done
  prompt "$@"
  sed 's/^/    /' "$said"
  claim "$pattern"
}

# claim PATTERN…: what was said last has a line of each.
claim() {
  local each
  for each; do
    grep -Eq -- "$each" "$said" || fail "no line matches '$each' in what the last command said"
  done
}
