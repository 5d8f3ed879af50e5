#!/bin/sh
# In the VM: does what /krustlet/orders says and tells it line by line. Runs again after a reboot.
set -u
cd /krustlet || exit
cgroupfs='' systemd='' reboot='' patience='' # classes by driver, yes or no, a factor
# shellcheck source=/dev/null
. ./orders
results=/krustlet/results

tell() { echo "$*"; }

leave() {
  journalctl --no-pager -o short-monotonic >$results/journal.log 2>&1
  sync
  systemctl --no-block poweroff
  exit 0
}

JAVA_HOME=$(cat jdk.home)
export JAVA_HOME PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
if [ ! -e "$JAVA_HOME" ]; then
  mkdir -p "${JAVA_HOME%/*}"
  ln -s /krustlet/jdk "$JAVA_HOME"
fi

# run NAME CLASSES OPTION…: runs the test classes, tells the outcome of each test and keeps its log.
run() {
  name=$1 classes=$2
  shift 2
  "$JAVA_HOME/bin/java" -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -Xmx512m --enable-native-access=ALL-UNNAMED \
    --sun-misc-unsafe-memory-access=allow -Dkrustlet.root=/krustlet -Dkrustlet.patience="$patience" "$@" \
    -cp 'testbed/classes:testbed/test-classes:testbed/vm-lib/*' org.junit.platform.console.ConsoleLauncher execute \
    --disable-banner --disable-ansi-colors --details=testfeed --scan-classpath=testbed/test-classes \
    --include-classname="dev\.krustlet\.testbed\.(.*\.)?($classes)" 2>&1 |
    tee "$results/$name.log" | sed -un "s/^JUnit Jupiter > \(.* :: [A-Z]*\).*/TEST $name > \1/p"
}

# tests DRIVER CLASSES
tests() {
  [ -n "$2" ] || return 0
  set -- "$@" "-Dkrustlet.cgroups=$1"
  [ ! -d containerd-2 ] || set -- "$@" -Dkrustlet.containerds=/krustlet/containerd-2,/usr/bin
  run "$@"
}

if [ ! -e step ]; then
  tell "UP Linux $(uname -r), systemd $(systemctl --version | awk 'NR == 1 {print $2}')," \
    "$(stat -fc %T /sys/fs/cgroup) with $(cat /sys/fs/cgroup/cgroup.controllers)," \
    "$(runc --version | head -n 1), containerd $(containerd --version | awk '{print $3}')"
  tests cgroupfs "$cgroupfs"
  tests systemd "$systemd"
fi
if [ "$reboot" = yes ]; then
  # shellcheck source=scripts/vm/reboot.sh
  . ./reboot.sh
fi
leave
