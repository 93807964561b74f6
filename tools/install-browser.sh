#!/usr/bin/env bash
# Installs Debian's Chromium, for the test of the catalogue's page. Run it as root; it can be run repeatedly.
set -euo pipefail

if command -v chromium >/dev/null; then
  echo "browser: Chromium is installed already"
  exit 0
fi

export DEBIAN_FRONTEND=noninteractive
apt-get update -qq
apt-get install -y -qq --no-install-recommends chromium
