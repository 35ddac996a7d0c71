#!/bin/sh
# Convert an archive as a Slurm job array, and a job that waits for it:
#
#	./slurm.sh all.ndjson FOLDER...
#
# The nodes see the folders, and the place of the output, under the same paths.
# A task that dies with its node is queued again, and what is left of it counts
# for nothing; the last job runs only if all tasks are done.
#
# DCM2FHIR   the tool; dcm2fhir if not set
# SHARD      files in a shard; 20000 if not set
# AT_ONCE    tasks at the same time; 64 if not set
# SBATCH_*   what sbatch takes from the environment: partition, account, ...
set -e
[ $# -ge 2 ] || {
	echo "usage: $0 OUT FOLDER..." >&2
	exit 2
}
out=$1
shift
work=$out.shards
mkdir "$work"
work=$(cd "$work" && pwd)
out=$(cd "$(dirname "$out")" && pwd)/$(basename "$out")
export LC_ALL=C

find "$@" -type f | sort |
	split -d -a 5 -l "${SHARD:-20000}" - "$work/list."
count=$(find "$work" -name 'list.*' | wc -l)

# 1 is "some files were refused", which running it again does not help.
cat >"$work/map.sh" <<END
#!/bin/sh
export LC_ALL=C
list=$work/list.\$(printf %05d "\$SLURM_ARRAY_TASK_ID")
"${DCM2FHIR:-dcm2fhir}" --records --files-from "\$list" -o "\$list.records"
[ \$? -le 1 ] || exit
sort "\$list.records" >"\$list.part" && mv "\$list.part" "\$list.sorted" &&
	rm "\$list.records"
END
cat >"$work/reduce.sh" <<END
#!/bin/sh
export LC_ALL=C
printf '%s\0' "$work"/list.*.sorted | sort -m --files0-from=- |
	"${DCM2FHIR:-dcm2fhir}" --from-records -o "$out" && rm -rf "$work"
END

array=$(sbatch --parsable --requeue --job-name dcm2fhir-map \
	--array "0-$((count - 1))%${AT_ONCE:-64}" \
	--output "$work/map-%a.log" "$work/map.sh")
sbatch --job-name dcm2fhir-reduce --dependency "afterok:${array%%;*}" \
	--output "$work/reduce.log" "$work/reduce.sh"
