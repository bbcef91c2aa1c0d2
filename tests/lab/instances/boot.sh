#!/bin/bash
# Boot an instance: runs as pid 1 of its new namespaces, lays a private disk over the host's root and becomes its init.
# usage: boot.sh DISK HOSTNAME IP CHECKOUT   Says "up" on stdout when the host can be used.
set -euo pipefail
disk=$1 name=$2 address=$3 checkout=$4
files=$(cd "$(dirname "$0")" && pwd)/files
root=$disk/root
domain=corp.example.test

hostname "$name"
ip link set lo up
port=ve$(printf '%s' "$disk" | sha256sum | cut -c1-10)
ip link add eth0 type veth peer name "$port" netns lab
ip -n lab link set "$port" master lab0 up
ip address add "$address/16" dev eth0
ip link set eth0 up

mount -t overlay overlay -o "lowerdir=/,upperdir=$disk/upper,workdir=$disk/work" "$root"
mount -t proc proc "$root/proc"
mount -t sysfs -o ro sysfs "$root/sys"
mount -t tmpfs -o mode=0755 tmpfs "$root/dev"
for device in null zero full random urandom tty; do
  touch "$root/dev/$device"
  mount --bind "/dev/$device" "$root/dev/$device"
done
mkdir "$root/dev/pts" "$root/dev/shm"
mount -t devpts -o newinstance,ptmxmode=0666,mode=0620,gid=5 devpts "$root/dev/pts"
mount -t tmpfs -o mode=1777 tmpfs "$root/dev/shm"
ln -s pts/ptmx "$root/dev/ptmx"
ln -s /proc/self/fd "$root/dev/fd"
ln -s /proc/self/fd/0 "$root/dev/stdin"
ln -s /proc/self/fd/1 "$root/dev/stdout"
ln -s /proc/self/fd/2 "$root/dev/stderr"

# What belongs to the host's people stays outside.
mount -t tmpfs -o mode=0755 tmpfs "$root/run"
mount -t tmpfs -o mode=1777 tmpfs "$root/tmp"
for hidden in /root /home /srv /mnt /media "$checkout"; do
  if [ -d "$root$hidden" ]; then
    mkdir -p "$disk/hidden$hidden"
    mount --bind "$disk/hidden$hidden" "$root$hidden"
  fi
done
chmod 700 "$root/root"

# The host's own people, secrets and domain membership are not the instance's.
if [ ! -e "$root/etc/lab-instance" ]; then
  for table in passwd shadow group gshadow; do
    awk -F: -v table="$table" -v OFS=: '
      FNR == NR { if ($3 < 1000 || $3 == 65534) system_account[$1]; next }
      table == "shadow" && $1 in system_account { $2 = "*" }
      table == "group" { if ($3 < 1000 || $3 == 65534) { $4 = ""; print }; next }
      table == "gshadow" { next }
      $1 in system_account' /etc/passwd "/etc/$table" >"$root/etc/$table"
  done
  rm -rf "$root"/etc/{krb5.keytab,krb5.conf,sssd/sssd.conf,sudoers.d/*,ssh,ssl/private} "$root"/var/lib/sss/{db,mc,pubconf}/*
  cp -r "$files/etc/." "$root/etc/"
  echo "ec2-user:x:1000:1000:Default user:/home/ec2-user:/bin/bash" >>"$root/etc/passwd"
  echo "ec2-user:!::0:99999:7:::" >>"$root/etc/shadow"
  echo "ec2-user:x:1000:" >>"$root/etc/group"
  mkdir -m 700 "$root/home/ec2-user"
  chown 1000:1000 "$root/home/ec2-user"
  touch "$root/etc/lab-instance"
fi
rm -f "$root/etc/resolv.conf"
cp /etc/resolv.conf "$root/etc/resolv.conf"
printf '%s\n' "$name" >"$root/etc/hostname"
printf '127.0.0.1 localhost\n%s %s.%s %s\n10.98.0.1 dc1.%s dc1\n' "$address" "$name" "$domain" "$name" "$domain" >"$root/etc/hosts"

cd "$root"
pivot_root . .
umount -l .
cd /
export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LANG=C.UTF-8
exec /bin/bash -c '
  if [ -e /etc/sssd/sssd.conf ]; then sssd -D; fi
  echo up
  exec >&2
  while true; do
    sleep infinity &
    wait
  done'
