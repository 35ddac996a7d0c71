#!/bin/sh
# Install what is needed, build, and convert the example study to FHIR and
# back.  On a fresh Debian 12, as root or with sudo.
set -e
cd "$(dirname "$0")"
say() {
	printf '\n==> %s\n' "$*"
}

./install-packages.sh dcmtk >&2
say "building in build/"
[ -x configure ] || ./autogen.sh
mkdir -p build
(
	cd build
	[ -f Makefile ] || ../configure --quiet --prefix="$PWD/installed"
	make --quiet -j2
	make --quiet install
) >build.log 2>&1 || {
	cat build.log >&2
	exit 1
}
rm -f build.log
bin=build/installed/bin
out=build/quickstart
rm -rf "$out"
mkdir -p "$out"

say "dcm2fhir -o $out/study.json examples/study"
"$bin/dcm2fhir" -o "$out/study.json" examples/study
head -n 60 "$out/study.json"
echo "  ... ($(wc -l <"$out/study.json") lines in all)"

say "fhir2dcm -b $out/study.json -o $out/rebuilt"
"$bin/fhir2dcm" -b "$out/study.json" -o "$out/rebuilt"
for file in "$out"/rebuilt/*.dcm; do
	echo "$file"
	dcmdump -q "$file" | grep -v '^$\|^#' | head -n 40
	break
done
say "done: the tools are in $bin, the manual is man -M build/installed/share/man dcm2fhir"
