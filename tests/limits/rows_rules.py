"""Rule files of a site, of which one list or length grows."""
from table import row

MANY = 400
INCLUDE = "include: rules.yaml\n"


def site(name, make, n=MANY, base=INCLUDE):
    """make(n): YAML; the rules that it includes are the shipped ones."""
    row("rules", name, lambda k: [(base + make(k)).encode()], n)


def lines(head, each, base=INCLUDE):
    """A map or list of n lines."""
    return lambda n: head + "\n" + "".join(
        each(i) + "\n" for i in range(n))


def root(n):
    """Of n by n: as many as make the input n long."""
    return max(1, round(n ** 0.5))


# ---- what a site adds ----


def PLACE(i):
    return ("  o%d: {type: Observation, refs: {subject: patient}, is: {code: "
            "{coding: [{system: 'http://loinc.org', code: '%d-1'}]}}, "
            "default: {status: final}}" % (i, i))


def PRIVATE(i):
    return '"(0019,%04X,LO)"' % (0x1000 + i)


site("systems of issuers", lines(
    "issuers:", lambda i: "  I%d: https://example.org/%d" % (i, i)))
site("coding schemes", lines(
    "tables:\n  coding-schemes:\n    rows:",
    lambda i: "      - [99S%d, https://example.org/%d]" % (i, i)))
site("rows of a table", lines(
    "tables:\n  body-part:\n    rows:",
    lambda i: "      - [PART%d, %d, Part]" % (i, 900000000 + i)))
site("tables", lines(
    "tables:", lambda i: "  t%d: {rows: [[A, b]]}" % i))
site("other names of a system", lines(
    "aliases:\n  https://example.org/a:",
    lambda i: "    - https://example.org/a/%d" % i))
site("systems with other names", lines(
    "aliases:", lambda i: "  https://example.org/%d: [urn:oid:1.2.%d]" % (
        i, i)))
site("extensions", lines(
    "extensions:", lambda i: "  e%d: https://example.org/%d" % (i, i)))
site("extensions with rules", lambda n: lines(
    "extensions:", lambda i: "  e%d: https://example.org/%d" % (i, i))(n) +
    lines("rules:", lambda i: "  - {id: r%d, dicom: %s, fhir: "
          "study.extension(e%d).valueString}" % (i, PRIVATE(i), i))(n), 30)
site("places with rules", lambda n: lines("places:", PLACE)(n) +
     lines("rules:", lambda i: "  - {id: r%d, dicom: %s, fhir: "
           "o%d.valueString}" % (i, PRIVATE(i), i))(n), 30)
site("places, each by way of the next", lambda n: lines(
    "places:", lambda i: "  l%d: {type: Location, via: l%d.partOf}" % (
        i, i + 1))(n) + "  l%d: {type: Location, via: study.location}\n" % n)
site("rules that are switched off", lambda n: lines(
    "rules:", lambda i: "  - {id: study-description, off: true}")(n))

# ---- YAML itself ----

site("keys that are unknown", lines(
    "", lambda i: "key%d: 1" % i))
site("keys of a rule that are unknown", lines(
    "rules:\n  r:", lambda i: "    key%d: 1" % i))
site("rules that are wrong", lines(
    "rules:", lambda i: "  r%d: {dicom: Nothing%d}" % (i, i)))
site("macros", lines(
    "macros:", lambda i: "  - &m%d a" % i))
site("aliases of a scalar", lines(
    "macros:\n  - &m a\n  - - *m", lambda i: "    - *m"))
site("aliases of a list as long", lambda n: lines(
    "macros:\n  - &m", lambda i: "    - a")(root(n)) + lines(
        "  -", lambda i: "    - *m")(root(n)), 4000)
site("aliases of aliases", lines(
    "macros:\n  - &m0 [a]", lambda i: "  - &m%d [*m%d]" % (i + 1, i)), 10)
site("aliases twice each", lines(
    "macros:\n  - &m0 [a]", lambda i: "  - &m%d [*m%d, *m%d]" % (
        i + 1, i, i)), 4)
site("merged maps", lines(
    "macros:\n  - &m {a: 1}", lambda i: "  - {<<: *m, b: 1}"))
site("keys of a map that is merged", lambda n: "macros:\n  - &m\n" + "".join(
    "    k%d: 1\n" % i for i in range(n)) + "  - {<<: *m, b: 1}\n")
site("maps that are merged into one", lambda n: lines(
    "macros:", lambda i: "  - &m%d {k%d: 1}" % (i, i))(n) +
    "  - {<<: [%s]}\n" % ", ".join("*m%d" % i for i in range(n)))
site("comments", lines("", lambda i: "# a"), 4000)
site("a comment", lambda n: "#" + "a" * n + "\n", 40000)
site("a scalar", lambda n: "macros: [%s]\n" % ("a" * n), 40000)
site("escapes in a scalar", lambda n: 'macros: ["%s"]\n' % (
    "\\u00e4" * n), 4000)
site("lines of a scalar", lines("macros:\n  - |", lambda i: "    a"), 4000)
site("depth in brackets", lambda n: "macros: %s%s\n" % ("[" * n, "]" * n))
site("depth in lines", lambda n: "macros:\n" + "".join(
    " " * i + "- \n" for i in range(n)), 40)
site("anchors of one name", lines("macros:", lambda i: "  - &m a"))
site("documents", lines("", lambda i: "---\n# a"))

# ---- files that are included ----

row("rules", "files that include the next", lambda n: [
    (INCLUDE if i == n else "include: in%d\n" % (i + 1)).encode()
    for i in range(n + 1)], n=4)
row("rules", "files that are included", lambda n: [
    ("include: [rules.yaml, %s]\n" % ", ".join(
        "in%d" % i for i in range(1, n + 1))).encode()] + [
    ("extensions: {e%d: https://example.org/%d}\n" % (i, i)).encode()
    for i in range(1, n + 1)], n=40)
row("rules", "times that a file is included", lambda n: [
    ("include: [rules.yaml%s]\n" % (", in1" * n)).encode(),
    b"extensions: {e: https://example.org/e}\n"], n=40)
