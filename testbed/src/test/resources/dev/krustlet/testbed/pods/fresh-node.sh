#!/bin/bash
# The system as a node that nobody has configured, seen by this process and its children alone: what they write below
# /etc, /opt, /usr/local and /var goes to a directory, /run is empty, and with this process all of them end.
# usage: unshare --mount --pid --fork --kill-child --propagation private bash fresh-node.sh DIRECTORY CONTAINERD
set -eu
bed=$1 containerd=$2
mount -t proc proc /proc
for each in /etc /opt /usr/local /var; do
  mkdir -p "$bed/upper$each" "$bed/work$each"
  mount -t overlay -o "lowerdir=$each,upperdir=$bed/upper$each,workdir=$bed/work$each" overlay "$each"
done
mount -t tmpfs -o mode=755 tmpfs /run
rm -rf /etc/containerd /etc/krustlet /etc/cni /var/lib/containerd /var/lib/krustlet /opt/krustlet
mkdir -p /etc/containerd /var/lib/containerd "$bed/containerd"
mount --bind "$bed/containerd" /var/lib/containerd # its snapshots lie on no overlay
export PATH="/usr/local/sbin:/usr/local/bin:$containerd:/usr/sbin:/usr/bin:/sbin:/bin"
cd "$bed/home"
sh -eu step1.sh
cp config.toml /etc/containerd/config.toml
exec containerd
