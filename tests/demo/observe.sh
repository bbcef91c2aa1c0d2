#!/bin/bash
# What GuardDuty's agent, as root, sees of the process $1 and its parents, outward. One line each, separated by tabs:
# pid, parent, uid, effective uid, start (Unix seconds), name, executable, its SHA-256, working folder, login uid.
set -u
export LC_ALL=C
boot=$(awk '$1 == "btime" { print $2 }' /proc/stat) ticks=$(getconf CLK_TCK) pid=$1
while ((pid > 0)); do
  stat=$(<"/proc/$pid/stat")
  read -ra rest <<<"${stat##*) }"
  read -r uid euid < <(awk '$1 == "Uid:" { print $2, $3 }' "/proc/$pid/status")
  executable=$(readlink "/proc/$pid/exe")
  sum=$(sha256sum <"/proc/$pid/exe")
  printf '%s\t' "$pid" "${rest[1]}" "$uid" "$euid" $((boot + rest[19] / ticks)) "$(<"/proc/$pid/comm")" "$executable" \
    "${sum%% *}" "$(readlink "/proc/$pid/cwd")"
  printf '%s\n' "$(<"/proc/$pid/loginuid")"
  pid=${rest[1]}
done
