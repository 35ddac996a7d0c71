#!/bin/sh
# Convert an archive on all cores, or on several machines, with GNU parallel:
#
#	./gnu-parallel.sh all.ndjson FOLDER...
#	PARALLEL='--sshlogin a,b,c' ./gnu-parallel.sh all.ndjson FOLDER...
#
# The machines see the folders, and the one for the work, under the same paths.
# A shard that dies is run again; what is left of it counts for nothing.  Where
# the script itself is interrupted, say the same again: shards that are done
# are not done again.
#
# DCM2FHIR   the tool; dcm2fhir if not set
# WORK       where the shards go; OUT.shards if not set; removed at the end
# SHARD      files in a shard; 2000 if not set
set -e
[ $# -ge 2 ] || {
	echo "usage: $0 OUT FOLDER..." >&2
	exit 2
}
out=$1
shift
work=${WORK:-$out.shards}
mkdir -p "$work"
work=$(cd "$work" && pwd)
export LC_ALL=C

# A line for each file, in shards; a name with a newline needs another way.
# A later run does not ask anew, for its shards must be the same.
[ -e "$work/listed" ] || {
	rm -f "$work"/list.*
	find "$@" -type f | sort | split -a 6 -l "${SHARD:-2000}" - "$work/list."
	: >"$work/listed"
}

# 1 is "some files were refused", which running it again does not help.
cat >"$work/map" <<'END'
#!/bin/sh
export LC_ALL=C
tool=$1 list=$2
"$tool" --quiet --records --files-from "$list" -o "$list.records"
status=$?
[ $status -le 1 ] || exit $status
[ $status -eq 0 ] || : >"$list.refused"
sort "$list.records" >"$list.part" && mv "$list.part" "$list.sorted" &&
	rm "$list.records"
END
chmod +x "$work/map"

find "$work" -name 'list.*' ! -name '*.*.*' | sort | while read -r list; do
	[ -e "$list.sorted" ] || echo "$list"
done | parallel --retries 4 --joblog "$work/log" \
	"$work/map" "${DCM2FHIR:-dcm2fhir}" '{}'

# However many shards there are: sort merges them in steps.
: >"$work/list.none.sorted"
find "$work" -name 'list.*.sorted' -print0 | sort -m --files0-from=- |
	"${DCM2FHIR:-dcm2fhir}" --quiet --from-records -o "$out"
refused=$(find "$work" -name 'list.*.refused')
rm -rf "$work"
[ -z "$refused" ]
