#!/bin/sh
# Installs the named Debian packages, as root, without a question and without a daemon left behind:
# a temporary policy-rc.d keeps maintainer scripts from starting services, and the units and init scripts of packages
# that were not installed before are disabled afterwards. Packages that were there keep running as they did.
# Valkey comes from the distribution; on Debian 12 from its backports, added as a sources file of their own.
set -eu
export DEBIAN_FRONTEND=noninteractive LC_ALL=C

policy=/usr/sbin/policy-rc.d
kept=$policy.before-hotshelf
mark='# hotshelf: services stay as they are while packages are installed'

# A run that was killed may have left its own policy, or somebody's kept aside: only what is not ours is kept.
forbid_services() {
  if [ -e "$policy" ] && ! grep -qsF "$mark" "$policy"; then mv "$policy" "$kept"; fi
  printf '#!/bin/sh\n%s\nexit 101\n' "$mark" >"$policy"
  chmod 755 "$policy"
}

restore_services() {
  if grep -qsF "$mark" "$policy"; then rm -f "$policy"; fi
  if [ -e "$kept" ]; then mv "$kept" "$policy"; fi
}

has_candidate() {
  apt-cache policy "$1" | grep -q '^  Candidate: [^(]'
}

installed() {
  [ "$(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null)" = installed ]
}

# From the mirror that this machine already uses for Debian 12.
add_backports() {
  . /etc/os-release
  [ "${ID:-}" = debian ] && [ "${VERSION_CODENAME:-}" = bookworm ] || return 0
  mirror=$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' 'Codename: bookworm' 2>/dev/null | head -n 1)
  cat >/etc/apt/sources.list.d/hotshelf-backports.sources <<SOURCES
Types: deb
URIs: ${mirror:-http://deb.debian.org/debian}
Suites: bookworm-backports
Components: main
Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg
SOURCES
  apt-get update -qq -o DPkg::Lock::Timeout=120 || true
}

disable_daemons_of() {
  installed "$1" || return 0
  dpkg -L "$1" | sed -n 's,^.*/systemd/system/\([^/@]*\.service\)$,\1,p' | while read -r unit; do
    deb-systemd-helper disable "$unit" >/dev/null 2>&1 || true
  done
  dpkg -L "$1" | sed -n 's,^/etc/init\.d/\([^/]*\)$,\1,p' | while read -r script; do
    update-rc.d "$script" disable >/dev/null 2>&1 || true
  done
}

# A broken third-party source must not keep us from the rest.
apt-get update -qq -o DPkg::Lock::Timeout=120 || true

wanted='' fresh=''
for package in "$@"; do
  [ "$package" != valkey-server ] || has_candidate "$package" || add_backports
  if ! has_candidate "$package"; then
    echo "$package: no Debian package of that name in this machine's sources" >&2
    continue
  fi
  wanted="$wanted $package"
  installed "$package" || fresh="$fresh $package"
done
[ -n "$wanted" ] || exit 1

said=$(mktemp)
finish() {
  rm -f "$said"
  for package in $fresh; do disable_daemons_of "$package"; done
  restore_services
}
trap finish EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP
forbid_services
# shellcheck disable=SC2086 # a list of package names
apt-get install -qq -y --no-install-recommends -o DPkg::Lock::Timeout=120 -o Dpkg::Use-Pty=0 $wanted >"$said" 2>&1 ||
  { cat "$said" >&2; exit 1; }
