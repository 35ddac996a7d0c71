# What the harnesses of this folder share: an archive, Bundles that change it,
# and what must be true of it at any moment.  To be read by sh.
srcdir=${srcdir:-.}
dcm2fhir=${DCM2FHIR:-dcm2fhir}
fhir2dcm=${FHIR2DCM:-fhir2dcm}
DCMFHIR_RULES=${DCMFHIR_RULES:-$srcdir/rules.yaml}
export DCMFHIR_RULES
FILES=${FILES:-1}

work=$(mktemp -d) || exit 1
trap 'chmod -R u+rwx "$work"; rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM
failures=0

fail() {
	echo "FAIL: $1"
	failures=$((failures + 1))
}

# The time is part of the result.
stamp() { # FOLDER OPTION...
	folder=$1
	shift
	"$fhir2dcm" -b "$work/changed.json" --time 20260102030405+0000 "$@" \
		"$folder"
}

# $work/old, what stamping makes of it in $work/new, and their digests.
make_archive() {
	mkdir "$work/old"
	number=0
	while [ $number -lt "$FILES" ]; do
		for file in "$srcdir"/examples/study/*.dcm; do
			cp "$file" "$work/old/$number-$(basename "$file")"
		done
		number=$((number + 1))
	done
	chmod 640 "$work"/old/*
	"$dcm2fhir" -o "$work/export.json" "$srcdir/examples/study" || exit 1
	sed 's/"family": *"[^"]*"/"family": "Changed"/' "$work/export.json" \
		>"$work/changed.json"
	cp -p -r "$work/old" "$work/new"
	stamp "$work/new" --in-place || exit 1
	for state in old new; do
		(cd "$work/$state" && sha256sum -- *.dcm) |
			sort >"$work/$state.sum"
	done
	cmp -s "$work/old.sum" "$work/new.sum" && exit 1
	sort -u "$work/old.sum" "$work/new.sum" >"$work/either.sum"
}

fresh() {
	rm -rf "$work/now"
	cp -p -r "$work/old" "$work/now"
}

# Each file is the old or the new one, and an original that was kept is old.
check_each() { # WHAT
	(cd "$work/now" && sha256sum -- *.dcm) | sort >"$work/now.sum"
	[ "$(wc -l <"$work/now.sum")" -eq "$(wc -l <"$work/old.sum")" ] ||
		fail "$1: files are missing"
	[ -z "$(comm -23 "$work/now.sum" "$work/either.sum")" ] ||
		fail "$1: a file is neither old nor new"
	for kept in "$work"/now/*.orig; do
		[ -e "$kept" ] || continue
		name=$(basename "$kept" .orig)
		cmp -s "$kept" "$work/old/$name" ||
			fail "$1: the original of $name is not kept"
	done
	for left in "$work"/now/.*.dcmfhir-*; do
		[ -e "$left" ] || continue
		[ -z "$(find "$left" -perm /077 ! -perm 640)" ] ||
			fail "$1: others can read $left"
	done
}

# The next run makes all of it good.
check_next() { # WHAT OPTION...
	said=$1
	shift
	stamp "$work/now" "$@" >"$work/out" 2>&1 ||
		fail "$said: the next run fails: $(head -n 1 "$work/out")"
	(cd "$work/now" && sha256sum -- *.dcm) | sort |
		cmp -s - "$work/new.sum" ||
		fail "$said: not all is stamped after the next run"
	[ -z "$(find "$work/now" -name '.*')" ] ||
		fail "$said: temporary files are left after the next run"
}

end() {
	[ $failures -eq 0 ] || echo "$failures checks failed"
	[ $failures -eq 0 ]
}
