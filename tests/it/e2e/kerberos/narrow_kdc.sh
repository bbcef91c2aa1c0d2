#!/usr/bin/env bash
# Runs a command beside a second KDC that has the data of the lab's directory and only some encryption types:
# narrow_kdc.sh TYPES ADDRESS COMMAND.. Inside the lab; needs root.
set -euo pipefail
if ((EUID != 0)); then exec sudo --preserve-env bash "$0" "$@"; fi
types=$1 address=$2
shift 2
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../../../.." && pwd)
work=$(mktemp -d)
trap 'kill "${kdc:-}" 2>/dev/null || true; wait; rm -rf "$work"' EXIT

snapshots=("$root"/.lab/cache/directory-*.tar.zst)
tar --zstd -xf "${snapshots[0]}" -C "$work"
mkdir "$work/run"
cat >"$work/smb.conf" <<EOF
[global]
  workgroup = $AD_NETBIOS
  realm = $AD_REALM
  netbios name = DC1
  server role = active directory domain controller
  interfaces = $address/8
  bind interfaces only = yes
  disable netbios = yes
  server services = kdc
  kdc supported enctypes = $types
  private dir = $work/private
  state directory = $work/state
  lock directory = $work/state
  cache directory = $work/cache
  pid directory = $work/run
  ncalrpc dir = $work/run/ncalrpc
  winbindd socket directory = $work/run/winbindd
EOF

samba --foreground --no-process-group --model=single --configfile="$work/smb.conf" </dev/null >"$work/log" 2>&1 &
kdc=$!
for _ in {1..100}; do
  if (exec 3<>"/dev/tcp/$address/88") 2>/dev/null; then break; fi
  sleep 0.1
done
"$@" || true
