#!/usr/bin/env bash
# The integration tests on unified cgroup v2 under systemd, in an emulated VM.
set -euo pipefail
cd "$(dirname "$0")/.."

usage() {
  cat <<'HELP'
usage: scripts/vm-test.sh [options]

Builds Krustlet unless it is built, makes a VM of Debian packages by this system's apt sources (systemd, unified
cgroup v2, containerd, runc), boots it in QEMU, which emulates its processor, and runs the integration tests there:
with runc's own cgroups and with systemd's, and a reboot with containers that run. Prints a table and leaves logs in
target/vm. Takes an hour or two, for an emulated processor is slow; the VM's root is kept in .cache/vm. While it runs, target/vm/monitor is QEMU's monitor.

  --cgroupfs CLASSES  the test classes to run with runc's cgroups, a regular expression; none if empty
  --systemd CLASSES   those to run with systemd's
  --no-reboot         without the reboot
  --packaged          with the packaged containerd alone, without today's
  --patience N        how many times longer than usual tests wait (10)
  --deadline MINUTES  when to give up (180)
  --memory MIB        of the VM (3072)
  --accel ACCEL       what QEMU is to use (tcg,thread=multi); kvm where this machine has it
  --shell             boots the VM with a shell on this terminal instead; `poweroff` or Ctrl-A X ends it
  --keep              leaves the disk with the results in target/vm
HELP
}

cgroupfs='ContainerIT|NativeCallsIT|WasmCallsIT|FaultsIT|PodCgroupsIT|PodIT|PodCallsIT|PodFaultsIT'
systemd='PodCgroupsIT|PodIT|PodCallsIT|PodFaultsIT'
reboot=yes patience=10 deadline=180 memory=3072 accel=tcg,thread=multi,tb-size=1024 packaged='' shell='' keep=''
while [ $# -gt 0 ]; do
  case $1 in
  --no-reboot) reboot=no ;;
  --packaged) packaged=yes ;;
  --cgroupfs | --systemd) declare "${1#--}=${2?}" && shift ;;
  --patience | --deadline | --memory | --accel) declare "${1#--}=${2:?}" && shift ;;
  --shell) shell=yes ;;
  --keep) keep=yes ;;
  -h | --help) usage && exit ;;
  *) echo "vm-test.sh: '$1' is not an option; see --help" >&2 && exit 64 ;;
  esac
  shift
done

# shellcheck source=scripts/install-deps.sh
. scripts/install-deps.sh
# shellcheck source=scripts/build.sh
. scripts/build.sh
# shellcheck source=scripts/vm/disk.sh
. scripts/vm/disk.sh

out=target/vm
need qemu-system-x86_64 qemu-system-x86
if changed; then build; fi
[ -n "$packaged" ] || scripts/build-containerd.sh .cache/containerd-2.4 2.4 ||
  die "put the programs of containerd 2.4 into .cache/containerd-2.4, or leave them out with --packaged"
say 'collecting the tests'
rm -rf $out && mkdir -p $out
mvn -B -ntp -q package -Dquick -DskipTests -Pvm -pl testbed -am >$out/build.log 2>&1 || die "no tests: see $out/build.log"
vm_make_root
vm_make_orders $out/orders.img "$packaged" <<ORDERS
cgroupfs='$cgroupfs' systemd='$systemd' reboot=$reboot patience=$patience
ORDERS

# qemu OPTION…: becomes the VM; what it writes to its root is gone when it ends.
qemu() {
  local line="console=ttyS0 root=/dev/vda rw quiet systemd.show_status=false${shell:+ krustlet.shell}"
  exec env TMPDIR="$PWD/$out" nice -n 5 qemu-system-x86_64 -accel "$accel" -cpu max -smp 2 -m "$memory" -nodefaults -nographic \
    -kernel "$vm_kernel" -initrd "$vm_initrd" -append "$line" -device virtio-rng-pci -nic none \
    -monitor "unix:$out/monitor,server=on,wait=off" \
    -drive "file=$vm_root,format=raw,if=virtio,snapshot=on" \
    -drive "file=$out/orders.img,format=raw,if=virtio,cache=unsafe" "$@"
}

[ -z "$shell" ] || qemu -serial mon:stdio

say "booting (progress: $out/progress.log, console: $out/console.log)"
: >$out/progress.log
started=$SECONDS
qemu -serial file:$out/console.log -serial file:$out/progress.log </dev/null >$out/qemu.log 2>&1 &
vm=$!
trap 'kill $vm 2>/dev/null || true' EXIT
seen=0
while kill -0 $vm 2>/dev/null; do
  sleep 2
  lines=$(wc -l <$out/progress.log)
  sed -n "$((seen + 1)),${lines}p" $out/progress.log | tr -d '\r' | grep -v ':: STARTED' |
    while read -r line; do say "$(printf '%5d s  %s' $((SECONDS - started)) "$line")"; done || true
  seen=$lines
  [ $((SECONDS - started)) -lt $((deadline * 60)) ] || {
    say "giving up after $deadline minutes"
    kill $vm
  }
done
ended=0
wait $vm || ended=$?
/sbin/debugfs -R "rdump /results $out" $out/orders.img >$out/debugfs.log 2>&1 || true
[ -n "$keep" ] || rm -f $out/orders.img
scripts/vm/table.sh $out/progress.log "$reboot" || die "something failed, see $out/results (and $out/console.log)"
[ $ended = 0 ] || die "QEMU ended with $ended, see $out/qemu.log"
