# Samples (see measure) and what is compared (targets.tsv) -> the table.
#   awk -f table.awk [-v tsv=FILE] [-v scale=FILE] targets.tsv samples.tsv
# Time never decides more than the word in the last column.
BEGIN {
	FS = OFS = "\t"
	if (tsv)
		print "what", "ratio", "least", "most", "processor", \
			"at most", "verdict" >tsv
}

function at_least_two(name) {
	return sizes[name] > 1
}

# One of the measures of a sample, or of the slope between two sizes.
function value(name, how, round, measure,    large, small) {
	large = biggest[name]
	if (how != "each")
		return sample[name, large, round, measure]
	small = smallest[name]
	return (sample[name, large, round, measure] - \
		sample[name, small, round, measure]) / (large - small)
}

function sort(list, count,    i, k, swap) {
	for (i = 2; i <= count; i++)
		for (k = i; k > 1 && list[k - 1] > list[k]; k--) {
			swap = list[k]
			list[k] = list[k - 1]
			list[k - 1] = swap
		}
}

function median(list, count) {
	sort(list, count)
	return count % 2 ? list[(count + 1) / 2] : \
		(list[count / 2] + list[count / 2 + 1]) / 2
}

function median_of(name, how, measure,    list, count, i) {
	count = rounds[name, biggest[name]]
	if (how == "each" && rounds[name, smallest[name]] < count)
		count = rounds[name, smallest[name]]
	for (i = 1; i <= count; i++)
		list[i] = value(name, how, i, measure)
	return median(list, count)
}

function number(of) {
	return sprintf(of < 10 ? "%.2f" : of < 100 ? "%.1f" : "%.0f", of)
}

function row(text, ratio, least, most, processor, limit, verdict) {
	printf "%-52s %8s %8s %8s %9s %8s%s\n", text, ratio, least, most, \
		processor, limit, verdict ? "  " verdict : ""
	if (tsv && text != "what")
		print text, ratio, least, most, processor, limit, verdict >tsv
}

# A busy machine stretches the clock's time more than the processor's.
function verdict_on(ratio, limit, processor) {
	return limit == "-" ? "" : ratio <= limit + 0 ? "met" : \
		processor && processor <= limit + 0 ? \
		"MISSED, met by processor" : "MISSED"
}

# The ratio of medians, and the least and the most of the rounds' own ratios.
function compare(text, a, b, how, limit,    ratio, least, most, i, count, one) {
	ratio = median_of(a, how, "clock") / median_of(b, how, "clock")
	count = rounds[a, biggest[a]]
	if (rounds[b, biggest[b]] < count)
		count = rounds[b, biggest[b]]
	for (i = 1; i <= count; i++) {
		one = value(b, how, i, "clock")
		one = one ? value(a, how, i, "clock") / one : 0
		if (i == 1 || one < least)
			least = one
		if (i == 1 || one > most)
			most = one
	}
	one = median_of(b, how, "processor")
	one = one ? median_of(a, how, "processor") / one : 0
	row(text, number(ratio), number(least), number(most), \
	    one ? number(one) : "-", limit, verdict_on(ratio, limit, one))
}

function memory(text, name, limit,    parts, peak) {
	split(limit, parts, "+")
	limit = parts[1] + parts[2] * biggest[name] / 1048576
	peak = median_of(name, "whole", "memory") / 1024
	row(text, number(peak), "-", "-", "-", number(limit), \
	    verdict_on(peak, limit))
}

function growth(text, name, limit,    list, i, tenth, ratio, processor) {
	tenth = biggest[name] / 10
	if (!((name, tenth) in rounds)) {
		row(text, "-", "-", "-", "-", limit, "not available")
		return
	}
	for (i = 1; i <= rounds[name, tenth]; i++)
		list[i] = sample[name, tenth, i, "clock"]
	ratio = median_of(name, "whole", "clock") / \
		median(list, rounds[name, tenth])
	for (i = 1; i <= rounds[name, tenth]; i++)
		list[i] = sample[name, tenth, i, "processor"]
	processor = median(list, rounds[name, tenth])
	processor = processor ? \
		median_of(name, "whole", "processor") / processor : 0
	row(text, number(ratio), "-", "-", processor ? number(processor) : "-", \
	    limit, verdict_on(ratio, limit, processor))
}

/^#/ || NF < 5 { next }

FILENAME ~ /targets\.tsv$/ {
	wanted++
	for (i = 1; i <= 5; i++)
		target[wanted, i] = $i
	next
}

{
	if (!(($1, $2) in rounds)) {
		if (!($1 in biggest))
			order[++names] = $1
		sizes[$1]++
		counts[$1, sizes[$1]] = $2
	}
	round = ++rounds[$1, $2]
	sample[$1, $2, round, "clock"] = $3
	sample[$1, $2, round, "processor"] = $4 + $5
	sample[$1, $2, round, "memory"] = $6
	if (!($1 in biggest) || $2 + 0 > biggest[$1] + 0)
		biggest[$1] = $2
	if (!($1 in smallest) || $2 + 0 < smallest[$1] + 0)
		smallest[$1] = $2
}

function target_row(i,    text, a, b, how, limit) {
	text = target[i, 1]
	a = target[i, 2]
	b = target[i, 3]
	how = target[i, 4]
	limit = target[i, 5]
	if (!(a in biggest) || (b != "-" && !(b in biggest)) || \
	    (how == "each" && (!at_least_two(a) || !at_least_two(b))))
		row(text, "-", "-", "-", "-", limit, "not available")
	else if (how == "memory")
		memory(text, a, limit)
	else if (how == "growth")
		growth(text, a, limit)
	else
		compare(text, a, b, how, limit)
}

# How much the samples of one thing differ: the machine's noise, in per cent.
function variation(name, size, measure,    count, i, sum, squares, mean) {
	count = rounds[name, size]
	for (i = 1; i <= count; i++)
		sum += sample[name, size, i, measure]
	mean = sum / count
	for (i = 1; i <= count; i++)
		squares += (sample[name, size, i, measure] - mean) ^ 2
	return mean && count > 1 ? 100 * sqrt(squares / (count - 1)) / mean : 0
}

function cost(name, size,    list, i, clock, processor, peak) {
	for (i = 1; i <= rounds[name, size]; i++)
		list[i] = sample[name, size, i, "clock"]
	clock = median(list, rounds[name, size])
	for (i = 1; i <= rounds[name, size]; i++)
		list[i] = sample[name, size, i, "processor"]
	processor = median(list, rounds[name, size])
	for (i = 1; i <= rounds[name, size]; i++)
		list[i] = sample[name, size, i, "memory"] / 1024
	peak = median(list, rounds[name, size])
	printf "%-20s %8d %6d %10.4f %10.4f %10.1f %7.1f %7.1f\n", name, size, \
		rounds[name, size], clock, processor, peak, \
		variation(name, size, "clock"), \
		variation(name, size, "processor")
	if (scale && name == "scale")
		print size, clock, peak >scale
}

END {
	row("what", "ratio", "least", "most", "processor", "at most", "verdict")
	for (i = 1; i <= wanted; i++)
		target_row(i)
	printf "\n%-20s %8s %6s %10s %10s %10s %7s %7s\n", "medians of", \
		"files", "runs", "clock, s", "proc., s", "peak, MiB", "cv, %", \
		"cv, %"
	for (i = 1; i <= names; i++)
		for (k = 1; k <= sizes[order[i]]; k++)
			cost(order[i], counts[order[i], k])
}
