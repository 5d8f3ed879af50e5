#!/usr/bin/env bash
# Makes the disks of the emulated VM. To be sourced after install-deps.sh: sets vm_root, vm_kernel and vm_initrd.

vm_cache=.cache/vm
vm_packages=(
  linux-image-cloud-amd64 initramfs-tools systemd-sysv udev dbus kmod procps iproute2 util-linux bsdutils e2fsprogs
  containerd runc containernetworking-plugins criu busybox-static
)

# The files of apt's sources that name the archive of this system's release; what else they name is not asked.
# shellcheck disable=SC2016 # they are apt's
vm_sources() {
  LC_ALL=C apt-get -qq indextargets --no-release-info --format '$(RELEASE)|$(COMPONENT)|$(SOURCESENTRY)' \
    'Created-By: Packages' |
    awk -F'|' -v own="^$1(-updates|-security)?\$" '$1 ~ own && $2 == "main" { sub(/:[0-9]+$/, "", $3); print $3 }' |
    sort -u
}

# What the machine's apt needs to reach its archive, a proxy for one.
vm_apt_options() { apt-config dump | sed -n '/^Acquire::https\?::\(Proxy\|proxy\)/p'; }

# What the VM does by itself once it is up; its orders are on the second disk.
vm_settle() {
  cat >"$1/etc/systemd/system/krustlet-test.service" <<'UNIT'
[Unit]
Description=What the second disk orders
After=multi-user.target
ConditionKernelCommandLine=!krustlet.shell
RequiresMountsFor=/krustlet

[Service]
Type=oneshot
ExecStart=/krustlet/guest.sh
TimeoutStartSec=infinity
StandardOutput=append:/dev/ttyS1
StandardError=inherit

[Install]
WantedBy=default.target
UNIT
  mkdir -p "$1/etc/systemd/system/serial-getty@ttyS0.service.d" "$1/krustlet" "$1/var/log/journal"
  cat >"$1/etc/systemd/system/serial-getty@ttyS0.service.d/login.conf" <<'UNIT'
[Service]
ExecStart=
ExecStart=-/sbin/agetty --autologin root --keep-baud 115200 %I linux
UNIT
  echo '/dev/vdb /krustlet ext4 defaults 0 2' >>"$1/etc/fstab"
  echo krustlet-vm >"$1/etc/hostname"
  chroot "$1" systemctl --quiet enable krustlet-test.service
  chroot "$1" systemctl --quiet disable containerd.service
}

# vm_image DIRECTORY FILE MIB: a directory as a file system.
vm_image() {
  rm -f "$2"
  mke2fs -q -t ext4 -d "$1" -E lazy_itable_init=1,root_owner=0:0 "$2" "$3M"
}

# Debian as it comes, with containerd; made once for each choice of packages, sources and settings.
vm_make_root() {
  local codename key tree sources
  # shellcheck source=/dev/null
  codename=$(. /etc/os-release && [ "${ID:-}" = debian ] && echo "$VERSION_CODENAME") ||
    die 'the VM is made of Debian packages by the apt sources of this system, which is no Debian'
  mapfile -t sources < <(vm_sources "$codename")
  [ ${#sources[@]} != 0 ] || die "no apt source of this system is the archive of $codename"
  key=$({ cat "${sources[@]}" && echo "${vm_packages[@]}" && declare -f vm_settle; } | sha256sum | cut -c1-12)
  vm_root=$vm_cache/$key/root.img vm_kernel=$vm_cache/$key/vmlinuz vm_initrd=$vm_cache/$key/initrd
  [ ! -e "$vm_root" ] || return 0
  need mmdebstrap mmdebstrap
  say "building the VM's root of packages of $codename (log: $vm_cache/root.log)"
  tree=$vm_cache/$key/tree
  mkdir -p "$vm_cache/$key"
  as_root rm -rf "$tree"
  vm_apt_options >"$vm_cache/apt.conf"
  as_root mmdebstrap --variant=minbase --aptopt="$PWD/$vm_cache/apt.conf" \
    --include="$(IFS=, && echo "${vm_packages[*]}")" "$codename" "$tree" "${sources[@]}" >"$vm_cache/root.log" 2>&1 ||
    die "the root was not built: $(grep -m1 '^E: ' "$vm_cache/root.log" || tail -n 1 "$vm_cache/root.log")"
  # shellcheck disable=SC2016 # it expands there
  as_root bash -euc "$(declare -f vm_settle vm_image)"'
    vm_settle "$1" && vm_image "$1" "$2.draft" 6144
    cp "$1"/boot/vmlinuz-* "$3" && cp "$1"/boot/initrd.img-* "$4"
    chown "$5" "$2.draft" "$3" "$4" && rm -rf "$1"' \
    settle "$tree" "$vm_root" "$vm_kernel" "$vm_initrd" "$(id -u)"
  mv "$vm_root.draft" "$vm_root"
}

# vm_make_orders FILE [PACKAGED]: a disk with what is tried, what tries it, and a Java; results come back on it.
vm_make_orders() {
  local stage=target/vm/stage jdk
  jdk=$(realpath "$JAVA_HOME")
  rm -rf "$stage"
  mkdir -p "$stage/target" "$stage/testbed" "$stage/results"
  cp -a target/krustlet "$stage/target/"
  cp -a examples README.md "$stage/"
  cp -a testbed/target/classes testbed/target/test-classes testbed/target/vm-lib "$stage/testbed/"
  cp -a "$jdk" "$stage/jdk"
  rm -rf "$stage/jdk/jmods" "$stage"/jdk/lib/src.zip "$stage"/jdk/man
  echo "$jdk" >"$stage/jdk.home"
  [ -n "${2:-}" ] || cp -aL .cache/containerd-2.4 "$stage/containerd-2"
  cp scripts/vm/guest.sh scripts/vm/reboot.sh "$stage/"
  cat >"$stage/orders"
  vm_image "$stage" "$1" $(($(du -sm "$stage" | cut -f1) + 512))
  rm -rf "$stage"
}
