/* The frame of the list in HTML: all that it needs is in the page itself. */
#include "rules_list_page.h"

static const char *const head[] = {
	"<!DOCTYPE html>",
	"<html lang=\"en\">",
	"<head>",
	"<meta charset=\"utf-8\">",
	"<meta name=\"viewport\" content=\"width=device-width, "
	"initial-scale=1\">",
	/* Nothing is loaded, and a browser need not take our word for it. */
	"<meta http-equiv=\"Content-Security-Policy\" content=\"default-src "
	"'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'\">",
	"<title>Mapping between DICOM and FHIR</title>",
	"<style>",
	":root { color-scheme: light dark; --ink: #1b2430; --muted: #5a6675;",
	"  --paper: #ffffff; --line: #d5dbe3; --faint: #edf0f4; --head: "
	"#f3f5f8;",
	"  --accent: #0b5cad; --warn: #8a4b00; --mark: #fff3d6; }",
	"@media (prefers-color-scheme: dark) { :root { --ink: #e4e8ee;",
	"  --muted: #a0abb9; --paper: #14181e; --line: #333c48; --faint: "
	"#232a33;",
	"  --head: #1d232b; --accent: #7db7f2; --warn: #f0b66a; --mark: "
	"#3a3120; } }",
	"* { box-sizing: border-box; }",
	"body { margin: 0 auto; padding: 1.5rem 2rem 3rem; max-width: 108rem;",
	"  background: var(--paper); color: var(--ink);",
	"  font: 0.9375rem/1.45 system-ui, \"Segoe UI\", Roboto, "
	"\"Liberation Sans\", sans-serif; }",
	"h1 { margin: 0 0 0.25rem; font-size: 1.5rem; font-weight: 650; }",
	"header p { margin: 0 0 1rem; max-width: 60rem; color: var(--muted); }",
	"code, .tag, .path, .vr { font-family: ui-monospace, SFMono-Regular, "
	"Menlo, Consolas,",
	"  \"Liberation Mono\", monospace; font-size: 0.875em; }",
	"form { display: flex; flex-wrap: wrap; gap: 0.5rem 1rem; "
	"align-items: center;",
	"  margin: 0 0 0.75rem; }",
	"input { width: 26rem; max-width: 100%; padding: 0.4rem 0.6rem; font: "
	"inherit;",
	"  color: inherit; background: var(--paper); border: 1px solid "
	"var(--muted);",
	"  border-radius: 4px; }",
	"output { color: var(--muted); }",
	":focus-visible { outline: 2px solid var(--accent); outline-offset: "
	"1px; }",
	"table.rules { width: 100%; table-layout: fixed; border-collapse: "
	"separate;",
	"  border-spacing: 0; }",
	"col.fhir { width: 25%; } col.dicom { width: 26%; } col.value { width: "
	"3.25rem; }",
	"col.rule { width: 11rem; } col.direction { width: 7.25rem; }",
	".rules th { position: sticky; top: 0; z-index: 1; padding: 0; "
	"text-align: left;",
	"  background: var(--head); border-block: 1px solid var(--line); }",
	".rules th > *, .rules td { padding: 0.5rem 0.75rem; }",
	".rules th > * { display: block; font-weight: 600; }",
	".rules td { vertical-align: top; border-bottom: 1px solid "
	"var(--faint);",
	"  overflow-wrap: anywhere; }",
	".rules tr:not(.again) td { border-top: 1px solid var(--line); }",
	".rules tbody tr:hover { background: var(--head); }",
	".rules tr:target { background: var(--mark); }",
	"th button { width: 100%; border: 0; background: none; color: inherit; "
	"font: inherit;",
	"  text-align: left; white-space: nowrap; cursor: pointer; }",
	"th button:focus-visible { outline-offset: -3px; }",
	"th button:hover { color: var(--accent); }",
	"th button::after { content: \"\\2195\"; margin-left: 0.4em; color: "
	"var(--muted); }",
	"th[aria-sort=ascending] button::after { content: \"\\2191\"; color: "
	"var(--accent); }",
	"th[aria-sort=descending] button::after { content: \"\\2193\"; color: "
	"var(--accent); }",
	/* What the row above says already stays for those who listen. */
	".again .once { position: absolute; width: 1px; height: 1px; overflow: "
	"hidden;",
	"  clip-path: inset(50%); }",
	".path { font-weight: 600; font-size: 0.9375em; }",
	".release { display: inline-block; min-width: 1.7em; margin-right: "
	"0.4em;",
	"  text-indent: 0;",
	"  color: var(--muted); font-size: 0.8em; font-weight: 600; }",
	".note { display: block; color: var(--muted); font-size: 0.8125rem; }",
	".tag { white-space: nowrap; color: var(--accent); }",
	".keyword { font-weight: 600; }",
	".vr { color: var(--muted); }",
	"ul { margin: 0.15rem 0 0; padding: 0 0 0 0.9rem; list-style: none;",
	"  border-left: 2px solid var(--faint); }",
	"ul .keyword { font-weight: 400; }",
	".loss { color: var(--warn); }",
	".label { font-weight: 600; }",
	".direction { white-space: nowrap; }",
	"summary { cursor: pointer; color: var(--accent); }",
	"dl { margin: 0.35rem 0 0; } dt, dd { margin: 0; }",
	"dt { margin-top: 0.35rem; } dd { padding-left: 1.2rem; text-indent: "
	"-1.2rem; }",
	"dd::before { content: \"\\2192\\a0\"; color: var(--muted); }",
	"footer { margin-top: 1.5rem; color: var(--muted); font-size: "
	"0.8125rem; }",
	"@media screen and (max-width: 62rem) { body { padding: 1rem; }",
	"  .wide { overflow-x: auto; } table.rules { min-width: 58rem; } }",
	"@media print { @page { size: landscape; margin: 12mm; }",
	"  :root { color-scheme: light; --ink: #000; --muted: #444;",
	"    --paper: #fff; --line: #999; --faint: #ddd; --head: #fff;",
	"    --accent: #000; --warn: #000; }",
	"  html { font-size: 9pt; } body { padding: 0; max-width: none; }",
	"  form, th button::after { display: none; }",
	"  .rules th { position: static; } .rules tr { break-inside: avoid; }",
	"  .rules td, .rules th > * { padding: 2pt 4pt; } }",
	"</style>",
	"</head>",
	"<body>",
};

static const char *const script[] = {
	"<script>",
	"(function () {",
	"'use strict';",
	"var table = document.querySelector('table.rules');",
	"var body = table.tBodies[0];",
	"var rows = Array.prototype.slice.call(body.rows);",
	"var filter = document.getElementById('filter');",
	"var count = document.getElementById('count');",
	"var texts = rows.map(function (row) {",
	"  return row.textContent.toLowerCase();",
	"});",
	"document.querySelector('form').hidden = false;",
	/* A rule has a row for each of its attributes: where they stand
	 * together, what is said of the rule is shown once. */
	"function show() {",
	"  var words = filter.value.toLowerCase().split(/\\s+/), last = null;",
	"  var rules = {}, shown = 0;",
	"  Array.prototype.forEach.call(body.rows, function (row) {",
	"    var text = texts[rows.indexOf(row)];",
	"    row.hidden = !words.every(function (word) {",
	"      return text.indexOf(word) >= 0;",
	"    });",
	"    if (row.hidden) return;",
	"    row.classList.toggle('again', row.dataset.rule === last);",
	"    last = row.dataset.rule;",
	"    rules[last] = true;",
	"    shown++;",
	"  });",
	"  count.textContent = shown + ' attributes of ' +",
	"    Object.keys(rules).length + ' rules';",
	"}",
	"function sort(header, key) {",
	"  var down = header.getAttribute('aria-sort') === 'ascending';",
	"  var sign = down ? -1 : 1;",
	"  Array.prototype.forEach.call(table.tHead.rows[0].cells, function "
	"(cell) {",
	"    cell.removeAttribute('aria-sort');",
	"  });",
	"  header.setAttribute('aria-sort', down ? 'descending' : "
	"'ascending');",
	"  rows.slice().sort(function (a, b) {",
	"    var x = a.dataset[key], y = b.dataset[key];",
	"    if (x !== y) return x < y ? -sign : sign;",
	"    return rows.indexOf(a) - rows.indexOf(b);",
	"  }).forEach(function (row) { body.appendChild(row); });",
	"  show();",
	"}",
	"Array.prototype.forEach.call(table.querySelectorAll('th button'),",
	"  function (button) {",
	"    button.disabled = false;",
	"    button.addEventListener('click', function () {",
	"      sort(button.parentNode, button.value);",
	"    });",
	"  });",
	"filter.addEventListener('input', show);",
	"document.querySelector('form').addEventListener('submit',",
	"  function (event) { event.preventDefault(); });",
	"window.addEventListener('beforeprint', function () {",
	"  Array.prototype.forEach.call(document.querySelectorAll('details'),",
	"    function (details) { details.open = true; });",
	"});",
	"show();",
	"})();",
	"</script>",
	"</body>",
	"</html>",
};

static void print_lines(FILE *out, const char *const *lines, size_t count)
{
	for (size_t i = 0; i < count; i++)
		fprintf(out, "%s\n", lines[i]);
}

void list_page_begin(FILE *out)
{
	print_lines(out, head, sizeof head / sizeof *head);
}

void list_page_end(FILE *out)
{
	print_lines(out, script, sizeof script / sizeof *script);
}
