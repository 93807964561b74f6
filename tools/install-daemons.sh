#!/usr/bin/env bash
# Installs real LXD and Incus daemons and clients from Debian's packages, for the tests: those of bookworm on this
# machine, and those of trixie in a separate tree; and a registry of OCI images. Run it as root on Debian bookworm; it can be
# run repeatedly. It does not start or enable anything.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
export DEBIAN_FRONTEND=noninteractive

are_installed() {
  command -v lxd >/dev/null && command -v lxc >/dev/null && command -v incus >/dev/null && [ -x /usr/libexec/incus/incusd ]
}

install_daemons() {
  apt-get update -qq
  # The mirror that this machine uses already, so that a company's own mirror is honoured.
  local mirror keyring=/usr/share/keyrings/debian-archive-keyring.gpg
  mirror=$(apt-get indextargets --format '$(SITE)' 'Created-By: Packages' 'Codename: bookworm' | grep -v security | head -n 1)
  if ! apt-cache policy incus | grep -q bookworm-backports; then
    printf 'Types: deb\nURIs: %s\nSuites: bookworm-backports\nComponents: main\nSigned-By: %s\n' "$mirror" "$keyring" \
      >/etc/apt/sources.list.d/hyperkit-backports.sources
    apt-get update -qq
  fi

  # The packages would start services; where there is no systemd that fails, and the tests start their own daemons anyway.
  local policy=/usr/sbin/policy-rc.d
  made_policy=
  if [ ! -e "$policy" ]; then
    printf '#!/bin/sh\nexit 101\n' >"$policy"
    chmod +x "$policy"
    made_policy=$policy
  fi
  trap '[ -z "$made_policy" ] || rm -f "$made_policy"' EXIT

  # attr, squashfs-tools, xz, zstd, rsync: programs that the daemons call while they import, publish and unpack.
  apt-get install -y -qq --no-install-recommends \
    lxd lxd-client attr squashfs-tools xz-utils zstd lz4 rsync curl
  apt-get install -y -qq --no-install-recommends -t bookworm-backports incus incus-client
}

# Only the program of the package: installed as a package, it would add a user, and a service that starts with the machine.
install_registry() {
  local target=$1 made
  made=$(mktemp -d)
  apt-cache show docker-registry >/dev/null 2>&1 || apt-get update -qq
  (cd "$made" && apt-get download -qq -o APT::Sandbox::User=root docker-registry && dpkg-deb -x ./*.deb files)
  install -D "$made/files/usr/bin/docker-registry" "$target"
  rm -rf "$made"
}

if are_installed; then
  echo "daemons: LXD and Incus of bookworm are installed already"
else
  install_daemons
fi
bash "$here/install-trixie-daemons.sh"
registry=/var/lib/hyperkit/bin/docker-registry
if [ -x "$registry" ]; then
  echo "daemons: the registry of OCI images is installed already"
else
  install_registry "$registry"
fi
