#!/bin/sh
# Install the Debian packages that building dcmfhir needs, and those that are
# named; as root or with sudo.  What is there already is left alone.
set -e
packages="build-essential autoconf automake libtool pkg-config
	libdcmtk-dev libmicrohttpd-dev libcurl4-openssl-dev libjson-c-dev libfyaml-dev libssl-dev libunistring-dev check $*"
missing=
for package in $packages; do
	state=$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null) ||
		state=none
	[ "$state" = installed ] || missing="$missing $package"
done
[ -n "$missing" ] || exit 0
if [ "$(id -u)" = 0 ]; then
	sudo=
elif command -v sudo >/dev/null; then
	sudo=sudo
else
	echo "$0: these packages are missing and sudo is not there:$missing" >&2
	exit 1
fi
$sudo env DEBIAN_FRONTEND=noninteractive apt-get update -q
# shellcheck disable=SC2086
$sudo env DEBIAN_FRONTEND=noninteractive \
	apt-get install -q -y --no-install-recommends $missing
