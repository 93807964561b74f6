#!/usr/bin/env bash
# Creates a tree of Debian trixie with LXD 5.0.2+git20231211, Incus 7.0 (from trixie-backports) and the programs that they call, and
# wrappers that run the daemons and clients from it, in addition to those of bookworm. install-daemons.sh calls it, as root.
# It can be run repeatedly, and starts nothing.
set -euo pipefail
export DEBIAN_FRONTEND=noninteractive

root=/var/lib/hyperkit
tree=$root/trixie
keyring=/usr/share/keyrings/debian-archive-keyring.gpg
# The programs that the daemons call to import, publish and unpack images, and to pull from OCI registries.
called=(attr squashfs-tools xz-utils zstd lz4 pigz rsync skopeo umoci ca-certificates)
lxd=(lxd lxd-client)
incus=(incus incus-client)
# A description of the tree's content; if it changes, the tree is created again.
recipe="trixie 1: ${called[*]} ${lxd[*]}; trixie-backports: ${incus[*]}"

site_of() {
  apt-get indextargets --format '$(SITE)' 'Created-By: Packages' "Codename: $1" | head -n 1
}

in_tree() {
  chroot "$1" /usr/bin/env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin DEBIAN_FRONTEND=noninteractive LC_ALL=C.UTF-8 "${@:2}"
}

make_tree() {
  local mirror security made=$root/trixie.making
  command -v debootstrap >/dev/null || { apt-get update -qq && apt-get install -y -qq --no-install-recommends debootstrap; }
  # The mirrors that this machine uses already.
  mirror=$(site_of bookworm)
  security=$(site_of bookworm-security)
  rm -rf "$made"
  mkdir -p "$root"
  debootstrap --variant=minbase --keyring="$keyring" trixie "$made" "$mirror" >"$root/trixie.log"
  {
    printf 'deb [signed-by=%s] %s %s main\n' "$keyring" "$mirror" trixie "$keyring" "$mirror" trixie-updates \
      "$keyring" "$mirror" trixie-backports
    [ -z "$security" ] || printf 'deb [signed-by=%s] %s trixie-security main\n' "$keyring" "$security"
  } >"$made/etc/apt/sources.list"
  printf '#!/bin/sh\nexit 101\n' >"$made/usr/sbin/policy-rc.d"
  chmod +x "$made/usr/sbin/policy-rc.d"
  printf '127.0.0.1 localhost\n' >"$made/etc/hosts"
  # A company's proxy or cache for apt holds in the tree too.
  apt-config dump | grep -E '^Acquire::https?::Proxy' >"$made/etc/apt/apt.conf.d/proxy" || true
  {
    in_tree "$made" apt-get update -qq
    in_tree "$made" apt-get install -y -qq --no-install-recommends "${called[@]}" "${lxd[@]}"
    in_tree "$made" apt-get install -y -qq --no-install-recommends -t trixie-backports "${incus[@]}"
    in_tree "$made" apt-get clean
  } >>"$root/trixie.log" 2>&1 || { tail -n 30 "$root/trixie.log" >&2; return 1; }
  rm -rf "$made"/var/lib/apt/lists/*
  rm -rf "$tree"
  mv "$made" "$tree"
}

# A wrapper that runs a program of the tree with its own mounts (which end with it), its own /usr, and this machine's
# /tmp, /proc, /sys and /dev. It executes the program in its own process, so that its process id is the daemon's.
write_program() {
  printf '#!/bin/sh\nexec %s/enter-trixie %s "$@"\n' "$root/bin" "$2" >"$root/bin/$1"
  chmod +x "$root/bin/$1"
}

write_programs() {
  mkdir -p "$root/bin"
  cat >"$root/bin/enter-trixie" <<ENTER
#!/bin/sh
if [ "\$1" != --inside ]; then exec unshare --mount --propagation private "\$0" --inside "\$@"; fi
shift
mount --bind /tmp "$tree/tmp" && for place in /proc /sys /dev; do mount --rbind "\$place" "$tree\$place" || exit; done
[ -d "$tree\$PWD" ] && exec unshare --root="$tree" --wd="\$PWD" "\$@"
exec unshare --root="$tree" --wd=/ "\$@"
ENTER
  chmod +x "$root/bin/enter-trixie"
  write_program lxd-5.0.3 /usr/bin/lxd
  write_program lxc-5.0.3 /usr/bin/lxc
  write_program incusd-7.0 /usr/libexec/incus/incusd
  write_program incus-7.0 /usr/bin/incus
  write_program skopeo /usr/bin/skopeo
  write_program umoci /usr/bin/umoci
}

if [ "$(cat "$tree/etc/hyperkit-recipe" 2>/dev/null)" = "$recipe" ]; then
  echo "daemons: LXD and Incus of trixie are installed already"
else
  make_tree
  for program in /usr/bin/lxd /usr/bin/lxc /usr/libexec/incus/incusd /usr/bin/incus; do
    [ -x "$tree$program" ] || { echo "daemons: the packages of trixie have no $program" >&2; exit 1; }
  done
  echo "$recipe" >"$tree/etc/hyperkit-recipe"
fi
write_programs
