#!/usr/bin/env bash
# Unpacks packages of a newer suite of this system's own archive below a directory, beside the system: nothing is
# installed, and apt's sources, lists, cache and keys stay as they are. Needs no root.
# usage: unpack-newer.sh DIRECTORY MINIMUM PACKAGE…
# The suite is the first whose first PACKAGE is MINIMUM or newer; prints its version and the suite.
set -euo pipefail
[ $# -ge 3 ] || {
  echo 'usage: unpack-newer.sh DIRECTORY MINIMUM PACKAGE…' >&2
  exit 64
}
directory=$1 minimum=$2
shift 2
packages=("$@")

die() {
  printf '%s: %s\n' "${packages[0]}" "$*" >&2
  exit 69
}

command -v apt-get >/dev/null || die "this system has no apt-get to get it by; get $minimum or newer by its own means"
# shellcheck source=/dev/null
distribution=$(. /etc/os-release && echo "${ID:-}")
# shellcheck source=/dev/null
codename=$(. /etc/os-release && echo "${VERSION_CODENAME:-}")
case $distribution in
ubuntu) suites=(devel) keyring=ubuntu-keyring keys=ubuntu-archive-keyring ;;
*) suites=(stable testing unstable) keyring=debian-archive-keyring keys=debian-archive-keyring ;;
esac

mkdir -p "$directory"
work=$(mktemp -d "$(realpath "$directory")/apt.XXXXXX")
trap 'rm -rf "$work"' EXIT
mkdir -p "$work"/{state/lists/partial,cache/archives/partial,sources,none}
touch "$work/state/status"

# What the system configures, a proxy for one, holds here too, but for its state, its hooks and its pins. Whatever it
# says of authentication, nothing unsigned is taken.
cat >"$work/apt.conf" <<CONF
#clear APT::Update::Pre-Invoke;
#clear APT::Update::Post-Invoke;
#clear APT::Update::Post-Invoke-Success;
#clear APT::Default-Release;
Dir::State "$work/state";
Dir::State::status "$work/state/status";
Dir::Cache "$work/cache";
Dir::Etc::Preferences "/dev/null";
Dir::Etc::PreferencesParts "$work/none";
APT::Sandbox::User "$(id -un)";
APT::Get::AllowUnauthenticated "false";
APT::Update::Error-Mode "any";
Acquire::AllowInsecureRepositories "false";
Acquire::AllowDowngradeToInsecureRepositories "false";
Acquire::AllowWeakRepositories "false";
Acquire::IndexTargets::deb::DEP-11::DefaultEnabled "false";
Acquire::Languages "none";
Acquire::Retries "2";
Acquire::http::Timeout "30";
Acquire::https::Timeout "30";
CONF

# private PROGRAM ARGUMENT…: apt with the state and the sources of this run.
private() {
  local program=$1
  shift
  LC_ALL=C "$program" -qq -c "$work/apt.conf" -o Dir::Etc::SourceList=/dev/null \
    -o Dir::Etc::SourceParts="$work/sources" "$@" 2>"$work/log"
}

# The archives of the system's release: suite, address, and the file and the entry that name them.
# shellcheck disable=SC2016 # they are apt's
archives() {
  LC_ALL=C apt-get -qq -c "$work/apt.conf" indextargets --no-release-info \
    --format '$(RELEASE)|$(COMPONENT)|$(REPO_URI)|$(SOURCESENTRY)' 'Created-By: Packages' |
    awk -F'|' -v own="^($codename|stable|testing|unstable|sid|devel)\$" \
      '$2 == "main" && $1 ~ own && !seen[$3]++ { print $1, $3, $4 }'
}

# signed_by FILE:ENTRY: the keys that the entry of the system's sources names, as a field; none if it trusts them all.
signed_by() {
  local file=${1%:*} entry=${1##*:}
  case $file in
  *.sources)
    grep -v '^#' "$file" | awk -v RS= -v entry="$entry" 'NR == entry' |
      awk '/^[^ \t]/ { field = tolower($1) } field ~ /^signed-by:/'
    ;;
  *) sed -n "${entry}s/.*[[ \t]signed-by=\([^] \t]*\).*/Signed-By: \1/p" "$file" ;;
  esac
}

# lists ADDRESS SUITE SIGNED_BY: reads the suite's lists.
lists() {
  printf '%s\n' 'Types: deb' "URIs: $1" "Suites: $2" 'Components: main' \
    "Architectures: $(dpkg --print-architecture)" ${3:+"$3"} >"$work/sources/one.sources"
  private apt-get update
}

version_of() { private apt-cache show --no-all-versions "$1" | sed -n 's/^Version: //p'; }

# unpack INTO PACKAGE…: of the suite whose lists were read.
unpack() {
  local into=$1 package
  shift
  (cd "$work" && private apt-get download "$@") || return 1
  for package in "$work"/*.deb; do
    dpkg-deb -x "$package" "$into" && rm "$package" || return 1
  done
}

# renewed_keys ADDRESS SUITE SIGNED_BY: the archive's keys of today. A newer suite may be signed by a key that this
# system has not got yet; its own release has a package of them, signed by a key that it has.
renewed_keys() {
  local file=$work/keys/usr/share/keyrings/$keys.gpg
  lists "$@" && unpack "$work/keys" "$keyring" && [ -e "$file" ] && echo "Signed-By: $file"
}

# signed_lists ADDRESS SUITE OWN_SUITE SIGNED_BY
signed_lists() {
  local renewed
  lists "$1" "$2" "$4" && return
  grep -q 'NO_PUBKEY\|not signed\|EXPKEYSIG' "$work/log" || return 1
  cp "$work/log" "$work/first"
  if renewed=$(renewed_keys "$1" "$3" "$4") && lists "$1" "$2" "$renewed"; then return; fi
  cp "$work/first" "$work/log"
  return 1
}

# The first thing that apt complained of, without the address, which is long and tells nothing new.
why() { { grep -m1 '^[EW]:' "$work/log" || tail -n 1 "$work/log"; } | sed 's/^[EW]: \(Failed to fetch [^ ]* *\)\?//'; }

# from ADDRESS SUITE OWN_SUITE SIGNED_BY: whether the packages were unpacked; says why not in $reasons.
from() {
  local version
  if ! signed_lists "$@"; then
    reasons+="; $2: $(why)"
  elif ! version=$(version_of "${packages[0]}") || [ -z "$version" ]; then
    reasons+="; $2 has none"
  elif dpkg --compare-versions "$version" lt "$minimum"; then
    reasons+="; $2 has $version"
  elif ! unpack "$work/root" "${packages[@]}"; then
    reasons+="; $2: $(why)"
  else
    cp -a "$work/root/." "$directory" && echo "$version of $2"
  fi
}

reasons=''
archives >"$work/archives"
while read -r own address entry; do
  for suite in "${suites[@]}"; do
    from "$address" "$suite" "$own" "$(signed_by "$entry")" >"$work/said"
    [ ! -s "$work/said" ] || {
      cat "$work/said"
      exit
    }
  done
done <"$work/archives"
[ -s "$work/archives" ] || die "no apt source of this system is its release's archive, which newer suites are beside; add it, or get $minimum or newer by other means"
die "$minimum or newer could not be got from a newer suite (${reasons#; })"
