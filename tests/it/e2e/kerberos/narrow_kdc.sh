#!/usr/bin/env bash
# Runs a command beside a second KDC that has the data of the lab's directory and only some encryption types:
# narrow_kdc.sh TYPES ADDRESS COMMAND.. Inside the lab, as root.
set -euo pipefail
types=$1 address=$2
shift 2
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../../../.." && pwd)
work=$(mktemp -d)
trap 'kill "${kdc:-}" 2>/dev/null || true; wait; rm -rf "$work"' EXIT

snapshots=("$root"/.lab/cache/directory-*.tar.zst)
tar --zstd -xf "${snapshots[0]}" -C "$work"
mkdir "$work/run"
sed -e "s|/run/lab/directory|$work|; s|/run/lab/samba|$work/run|" \
  -e "s|interfaces = .*/16.*|interfaces = $address/8|; s|server services = .*|server services = kdc|" \
  "$work/etc/smb.conf" >"$work/smb.conf"
echo "  kdc supported enctypes = $types" >>"$work/smb.conf"

samba --foreground --no-process-group --model=single --configfile="$work/smb.conf" </dev/null >"$work/log" 2>&1 &
kdc=$!
for _ in {1..100}; do
  if (exec 3<>"/dev/tcp/$address/88") 2>/dev/null; then break; fi
  sleep 0.1
done
"$@" || true
