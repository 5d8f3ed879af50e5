#!/usr/bin/env bash
# Makes a table of what the VM told, and fails if a test failed, was left out, or did not come to its end.
# usage: table.sh PROGRESS REBOOT
set -euo pipefail
[ $# = 2 ] || {
  echo 'usage: table.sh PROGRESS yes|no' >&2
  exit 64
}

tr -d '\r' <"$1" | awk -F' (>|::) ' -v reboot="$2" '
  /^UP / { print "  " $0 }
  /^FAULT / { print "  " $0; bad = 1 }
  /^TEST / {
    sub(/^TEST /, "", $1)
    with = "containerd of the system"
    if (match($3, /containerd in .*/)) { with = substr($3, RSTART) }
    row = sprintf("%-14s %-28s %s", $1, with, $2)
    test = row
    for (i = 3; i < NF; i++) { test = test " > " $i }
    if (!(row in seen)) { seen[row] = 1; rows[++count] = row }
    if ($NF == "STARTED") { open[test] = row; next }
    delete open[test]
    total[row]++
    if ($NF == "SUCCESSFUL") { passed[row]++ } else { print "  " $NF ": " test; bad = 1 }
    if ($1 == "reboot-after") { rebooted = 1 }
  }
  END {
    for (test in open) { print "  NO END: " test; bad = 1 }
    for (i = 1; i <= count; i++) { printf "  %-70s %3d of %3d passed\n", rows[i], passed[rows[i]], total[rows[i]] }
    if (!count) { print "  no test ran"; bad = 1 }
    if (reboot == "yes" && !rebooted) { print "  the reboot did not come to its end"; bad = 1 }
    exit bad
  }'
