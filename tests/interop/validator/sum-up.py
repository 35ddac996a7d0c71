#!/usr/bin/python3
"""What HL7's validator said, by kind.

    sum-up.py RELEASE IGNORE.tsv ISSUES

A row of IGNORE.tsv is "RELEASE<tab>REGULAR EXPRESSION<tab>REASON"; the release
may be "*", and the expression is looked for in "LEVEL MESSAGE-ID PLACE TEXT".
Exit status 1 if an error or a warning is left, or if nothing was judged.
"""
import collections
import re
import sys

release, ignored, said = sys.argv[1:]


def rows_of(path):
    with open(path) as text:
        for line in text:
            if line.strip() and not line.startswith('#'):
                of, pattern, reason = line.rstrip('\n').split('\t')
                if of in ('*', release):
                    yield re.compile(pattern), reason


def kind_of(place, text):
    """The issue without what is one file's own."""
    place = re.sub(r'/\*.*?\*/', '', re.sub(r'\[\d+\]', '', place))
    text = re.sub(r'urn:uuid:[0-9a-f-]+', 'urn:uuid', text)
    return re.sub(r'^Bundle\.entry\.resource', '', place), text[:200]


ignore = [[pattern, reason, 0] for pattern, reason in rows_of(ignored)]
kinds, files, judged = collections.Counter(), {}, 0
with open(said) as text:
    for line in text:
        level, name, place, message, words = line.rstrip('\n').split('\t')
        if level == 'judged':
            judged = int(name)
            continue
        whole = ' '.join((level, message, place, words))
        row = next((r for r in ignore if r[0].search(whole)), None)
        if row:
            row[2] += 1
            continue
        kind = (level, message) + kind_of(place, words)
        kinds[kind] += 1
        files.setdefault(kind, name)

for kind, count in sorted(kinds.items(), key=lambda k: (k[0][0], -k[1])):
    if kind[0] != 'information':
        print('%s: %s: %d times, as in %s: %s %s: %s' % (
            release, kind[0], count, files[kind].rpartition('/')[2], *kind[1:]))
for pattern, reason, count in ignore:
    if not count:
        print('%s: nothing is ignored by "%s"' % (release, pattern.pattern))
    else:
        print('%s: %d times: %s' % (release, count, reason))
errors = sum(n for k, n in kinds.items() if k[0] in ('error', 'fatal'))
warnings = [k for k in kinds if k[0] == 'warning']
print('%s: %d resources judged, %d errors, %d kinds of warnings; %d issues ignored' %
      (release, judged, errors, len(warnings), sum(row[2] for row in ignore)))
sys.exit(1 if errors or warnings or not judged else 0)
