# Counts (reader, images, instructions) and samples (see measure) -> what each
# reader costs, and what scaling out does.
#   awk -f peers.awk counts.tsv samples.tsv
BEGIN {
	FS = "\t"
	names["dcm2fhir"] = "dcm2fhir"
	names["dcm2fhir-j2"] = "dcm2fhir -j 2"
	names["records"] = "dcm2fhir --records"
	names["from-records"] = "dcm2fhir --from-records"
	names["dicomtocsv-4"] = "vtk-dicom dicomtocsv, 4 keys"
	names["dicomtocsv"] = "vtk-dicom dicomtocsv, 54 keys"
	names["dicom-rs"] = "dicom-rs, 54 tags to JSON"
	names["gdcm"] = "GDCM ReadSelectedTags, 54 tags"
	names["dcmtk"] = "DCMTK loadFileUntilTag"
	names["pydicom"] = "pydicom"
	names["bare"] = "bare C, 54 tags to JSON"
}

function note(reader, images) {
	if (!(reader in most))
		order[++readers] = reader
	if (!(reader in most) || images + 0 > most[reader])
		most[reader] = images + 0
}

NF == 3 {
	note($1, 0)
	if (!($1 in few))
		few[$1] = $2
	else
		many[$1] = $2
	counted[$1, $2] = $3
}

NF == 6 {
	note($1, $2)
	round = ++rounds[$1, $2]
	clock[$1, $2, round] = $3
	processor[$1, $2, round] = $4 + $5
}

function median(what, reader, images,    list, i, k, swap, count) {
	count = rounds[reader, images]
	for (i = 1; i <= count; i++) {
		list[i] = what == "clock" ? clock[reader, images, i] : \
			processor[reader, images, i]
		for (k = i; k > 1 && list[k - 1] > list[k]; k--) {
			swap = list[k]
			list[k] = list[k - 1]
			list[k - 1] = swap
		}
	}
	return count % 2 ? list[(count + 1) / 2] : \
		(list[count / 2] + list[count / 2 + 1]) / 2
}

function instance(reader) {
	return (counted[reader, many[reader]] - counted[reader, few[reader]]) / \
		(many[reader] - few[reader])
}

function start(reader) {
	return counted[reader, few[reader]] - few[reader] * instance(reader)
}

# Microseconds of the processor, of one image more.
function each(reader,    large) {
	large = most[reader]
	return 1e6 * (median("processor", reader, large) - \
		median("processor", reader, large / 2)) / (large / 2)
}

function thousands(number,    text) {
	text = sprintf("%.0f", number)
	while (match(text, /[0-9][0-9][0-9][0-9]($|,)/))
		text = substr(text, 1, RSTART) "," substr(text, RSTART + 1)
	return text
}

function row(reader,    has_counts) {
	has_counts = reader in many
	printf "%-32s %12s %9s %10.1f %8.2f\n", names[reader], \
		has_counts ? thousands(instance(reader)) : "-", \
		has_counts ? sprintf("%.1f", start(reader) / 1e6) : "-", \
		each(reader), median("clock", reader, most[reader]) / \
		median("clock", "dcm2fhir", most["dcm2fhir"])
}

# The fewest cores with which two steps take less than one run on one; the
# second step may be on one alone.
function cores(first, second, is_shared,    k) {
	for (k = 1; k <= 1000; k++)
		if (first / k + (is_shared ? second / k : second) < 1)
			return k
	return "none"
}

function scaling(    one, first, second) {
	one = each("dcm2fhir")
	first = each("records") / one
	second = each("from-records") / one
	printf "\nscaling out, by processor time: --records %.2f, " \
		"--from-records %.2f, together %.2f of a single run\n", \
		first, second, first + second
	print "cores from which it is faster than one run on one core: " \
		cores(first, second, 0) " where one process reduces, " \
		cores(first, second, 1) " where all do"
	printf "a million files: %.0f s on one core; --records %.0f s, " \
		"--from-records %.0f s of all cores together\n", \
		one, first * one, second * one
}

END {
	printf "%-32s %12s %9s %10s %8s\n", "program", "instructions", \
		"start,", "processor,", "whole"
	printf "%-32s %12s %9s %10s %8s\n", "", "an instance", "million", \
		"us each", "run/ours"
	for (i = 1; i <= readers; i++)
		row(order[i])
	scaling()
}
