# Tells a native process's world, a line `WHAT=VALUE` each, with nothing but busybox.
b=/bin/busybox
p=/proc/$$
echo "umask=$(umask)"
echo "directory=$(pwd)"
echo "hostname=$($b hostname)"
$b sed 's/  \+/=/; s/  \+/ /g; s/^/limit /' $p/limits
$b sed -n 's/:\s*/=/; /^\(Umask\|Uid\|Gid\|Groups\|Threads\|Sig[BIC].*\|Cap.*\|NoNewPrivs\|Seccomp.*\|Cpus_.*\|Mems_.*\|THP.*\|Spec.*\)=/p' $p/status
for each in oom_score_adj attr/current cgroup coredump_filter timerslack_ns personality loginuid autogroup setgroups; do
  [ ! -e $p/$each ] || echo "$each=$($b cat $p/$each 2>/dev/null | $b tr '\n\0' ' ')"
done
# parent, process group, session, the terminal's group, priority, nice, policy; with "self" for the own pid
echo "stat=$($b cut -d ' ' -f 4-6,8,18,19,41 $p/stat | $b sed "s/\b$$\b/self/g")"
echo "terminal=$($b cut -d ' ' -f 7 $p/stat | $b sed 's/[1-9].*/some/')"
echo "io priority=$($b ionice -p $$)"
for each in $p/fd/*; do
  # the shell's own descriptor of this script is 10 or above
  n=${each##*/}
  if [ "$n" -lt 10 ]; then echo "descriptor $n=$($b readlink $each) $($b grep flags $p/fdinfo/$n | $b tr -d '\t')"; fi
done
$b env | $b grep -v '^_=' | $b sed 's/^/environment /'
for each in $p/ns/*; do
  echo "namespace ${each##*/}=$($b readlink $each)"
done
# without the mounts' and devices' numbers
$b sed 's/^[0-9]* [0-9]* [0-9]*:[0-9]* //; s/\(shared\|master\|propagate_from\):[0-9]*/\1/g; s/\([^ ]*\) \([^ ]*\)/mount \2=\1/' $p/mountinfo
for each in / /made /made/for /made/for/it /var /var/run /var/run/secrets /var/run/secrets/probe /tmp /dev /dev/* /proc /sys /run /etc /etc/*; do
  [ ! -e $each ] || echo "file $each=$($b stat -c '%A %u:%g %t:%T' $each)"
done
for each in memory.limit_in_bytes memory.max memory.swap.max memory.memsw.limit_in_bytes memory.oom.group cpu.shares cpu.weight cpu.max cpu.cfs_quota_us pids.max cpuset.cpus devices.list; do
  for file in /sys/fs/cgroup/$each /sys/fs/cgroup/*/$each; do
    [ ! -e $file ] || echo "cgroup $file=$($b cat $file | $b tr '\n' ' ')"
  done
done
exit 7
