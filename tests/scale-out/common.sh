# What the tests of the examples that scale out have in common; to be sourced.
#
# srcdir       the source tree; . if not set
# DCM2FHIR     the tool; ./dcm2fhir if not set
# SCALE_FILES  files of the archive, about; 60 if not set.  From 300 on there are
#              also the cases of tests/roundtrip in it.
LC_ALL=C
export LC_ALL

srcdir=$(cd "${srcdir:-.}" && pwd)
examples=$srcdir/examples
tool=${DCM2FHIR:-./dcm2fhir}
tool=$(cd "$(dirname "$tool")" && pwd)/$(basename "$tool")
files=${SCALE_FILES:-60}
command -v perl >/dev/null || exit 77

work=$(mktemp -d) || exit 99
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT TERM
archive="$work/an archive"
gone="$archive/gone since.dcm"
checks=0 failures=0
HOME=$work # where the tools keep what they know
# As a site has them; lost on the way, other bytes come out.
DCMFHIR_RULES="$work/our rules.yaml"
DCM2FHIR_OPTIONS="-r R4 --timezone 'Europe/Berlin'"
export HOME DCMFHIR_RULES DCM2FHIR_OPTIONS
sed '/- id: series-description$/,/AXIAL 5mm/d' "$srcdir/rules.yaml" \
	>"$DCMFHIR_RULES"

fail() {
	echo "FAIL: $what: $1"
	sed 's/^/    /' "$work/err" 2>/dev/null | head -n 20
	failures=$((failures + 1))
}

check() { # TEXT COMMAND...
	checks=$((checks + 1))
	text=$1
	shift
	"$@" || fail "$text"
}

says() { # PATTERN
	check "no message about '$1'" grep -q -- "$1" "$work/err"
}

is_absent() {
	[ ! -e "$1" ]
}

# run STATUS COMMAND...: it must end with that status.
run() {
	wanted=$1
	shift
	checks=$((checks + 1))
	"$@" >"$work/err" 2>&1 </dev/null
	ended=$?
	[ $ended -eq "$wanted" ] || fail "exit $ended instead of $wanted"
}

# ---- the archive ---------------------------------------------------------------

add_cases() {
	command -v dump2dcm >/dev/null || return
	mkdir "$archive/cases"
	for dump in "$srcdir"/tests/roundtrip/cases/*/*.dump; do
		name=${dump#"$srcdir/tests/roundtrip/cases/"}
		dump2dcm -q "$dump" \
			"$archive/cases/$(echo "$name" | tr / ' ').dcm" 2>/dev/null
	done
}

# Names, a link, and files of which nothing can be made.
make_archive() {
	ct=$srcdir/examples/study/ct-1.dcm
	patients=$(((files + 29) / 30))
	"$srcdir/tests/roundtrip/make-archive" "$ct" "$archive" $patients 3 2 5 ||
		exit 99
	mv "$archive/0001/002" "$archive/0001/$(printf 'a "b'\'' %%j $(c) \\ \377')"
	mv "$archive/0001/003" "$work/elsewhere"
	ln -s "$work/elsewhere" "$archive/0001/link"
	cp "$ct" "$archive/$(printf 'new\nline.dcm')"
	head -c 1000 "$ct" >"$archive/cut short.dcm"
	cp "$ct" "$archive/DICOMDIR"
	[ "$files" -lt 300 ] || add_cases
	# what is gone does not count, and so does not what cannot be read
	eval "\"\$tool\" --quiet $DCM2FHIR_OPTIONS --ndjson -o \"\$work/good\" \
		--report \"\$work/good.report\" \"\$archive\"" 2>"$work/err"
	[ $? -eq 1 ] || {
		echo "FAIL: one run of all"
		cat "$work/err"
		exit 1
	}
	instances=$(eval "\"\$tool\" $DCM2FHIR_OPTIONS -o /dev/null \
		\"\$archive\"" 2>&1 | sed -n 's/.*: \([0-9]* instances\).*/\1/p')
	echo "$instances, $(wc -l <"$work/good") studies"
	cp "$ct" "$gone"
}

# A tool that runs when the list is made, and a file is gone meanwhile; the
# first time that it makes records it writes half of them and dies.
make_tool() {
	mkdir "$work/our tools"
	DCM2FHIR="$work/our tools/dcm2fhir"
	export DCM2FHIR
	cat >"$DCM2FHIR" <<END
#!/bin/sh
case " \$* " in
*" --records "*)
	rm -f "$gone"
	echo "\$*" >>"$work/runs"
	[ ! -e "$work/dies" ] || case " \$* " in
	*"\$(cat "$work/dies")"*) exit 137 ;;
	esac
	if mkdir "$work/killed" 2>/dev/null; then
		previous=
		for argument; do
			[ "\$previous" != -o ] || made=\$argument
			previous=\$argument
		done
		"$tool" "\$@"
		head -c 1500 "\$made" >"\$made.half"
		mv "\$made.half" "\$made"
		[ ! -e "$work/kills" ] || kill -9 \$PPID
		kill -9 \$\$
	fi
	;;
esac
exec "$tool" "\$@"
END
	chmod +x "$DCM2FHIR"
}

# ---- what comes of it ----------------------------------------------------------

count_in() { # PATTERN FILE
	grep -o -- "$1" "$2" | wc -l
}

# All that was refused is in one report, once.
check_report() { # FILE
	check 'the report is not JSON' perl -MJSON::PP -ne 'decode_json $_' "$1"
	check 'it is not told that a file is gone' grep -q \
		'"refused: No such file or directory; .*gone since.dcm"' "$1"
	check 'it is not told that a file is cut short' grep -q \
		'"refused: ends before it should: .*cut short.dcm"' "$1"
	refused=$(count_in '"diagnostics": "refused: ' "$1")
	check "$refused files were refused instead of 2" [ "$refused" -eq 2 ]
	check 'the report lacks what single runs tell' [ \
		"$(count_in '"diagnostics": "lost' "$1")" -eq \
		"$(count_in '"diagnostics": "lost' "$work/good.report")" ]
}

check_good() { # OUTPUT REPORT
	check 'the output is another one' cmp "$work/good" "$1"
	check 'nobody was killed' [ -d "$work/killed" ]
	check_report "$2"
}

finish() {
	echo "$checks checks, $failures failures"
	[ $failures -eq 0 ]
}
