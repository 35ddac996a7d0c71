# Time and memory against the size of an archive, as SVG and as PNG.
#   gnuplot -e "table='scale.tsv'; name='performance'" plot.gp
set datafile separator "\t"
set logscale xy
set format x "%.0f"
set xlabel "instances"
set ylabel "seconds" textcolor rgb "#1f5fa8"
set y2label "MiB at the peak" textcolor rgb "#b04a12"
set yrange [*:*]
set y2range [0:*]
set ytics nomirror textcolor rgb "#1f5fa8"
set y2tics textcolor rgb "#b04a12"
set key left top
set grid xtics ytics linecolor rgb "#dddddd"
set title "dcm2fhir --ndjson, one thread, files in the cache"

set terminal svg size 720,440 font "sans,13" background rgb "white"
set output name . ".svg"
plot table using 1:2 axes x1y1 with linespoints linewidth 2 pointtype 7 \
	linecolor rgb "#1f5fa8" title "seconds", \
     table using 1:3 axes x1y2 with linespoints linewidth 2 pointtype 5 \
	linecolor rgb "#b04a12" title "MiB", \
     table using 1:(64 + 512 * $1 / 1048576) axes x1y2 with lines dashtype 2 \
	linecolor rgb "#b04a12" title "at most: 64 MiB + 512 bytes an instance"

set terminal pngcairo size 1080,660 font "sans,14" background rgb "white"
set output name . ".png"
replot
