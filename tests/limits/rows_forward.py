"""Lists and lengths of DICOM files that are exported."""
from inputs import MEDIA_STORAGE, code, dicom, element, sequence
from table import file, row

EXPORT = "export-r5"
BOTH = "export-r4 export-r5"


def text(tag, vr, of):
    """A text that grows."""
    return lambda n: {tag: element(tag, vr, of(n))}


# Larger than 8 KiB, for DCMTK reads on beyond that, and its start is a step.
MANY = 400


def items(tag, of):
    """A sequence of n items."""
    return lambda n: {tag: sequence(tag, [of(i) for i in range(n)])}


def both(*makes):
    return lambda n: {tag: what for make in makes
                      for tag, what in make(n).items()}


def values(tag, vr, of):
    """n values of one attribute."""
    return text(tag, vr, lambda n: "\\".join(of(i) for i in range(n)))


# ---- sequences ----

def request(i):
    return (element(0x00080050, "SH", "R%d" % i) +
            element(0x00401001, "SH", "P%d" % i))


def person(i):
    return sequence(0x00401101, [code("C%d" % i)])


def scheme(i):
    return (element(0x00080102, "SH", "99S%d" % i) +
            element(0x0008010c, "UI", "1.2.3.%d" % i))


def specimen(i):
    return (element(0x00400551, "LO", "S%d" % i) +
            element(0x00400554, "UI", "1.2.3.9.%d" % i))


CODES = items(0x00081032, lambda i: code("C%d" % i))
NAMES = values(0x00081070, "PN", lambda i: "O%d" % i)
PERSONS = items(0x00081072, person)
file(BOTH, "procedure codes", CODES, MANY)
file(EXPORT, "request items", items(0x00400275, request), MANY)
file(EXPORT, "referenced requests", items(0x0040a370, request), MANY)
file(EXPORT, "other patient ids", items(
    0x00101002, lambda i: element(0x00100020, "LO", "O%d" % i) +
    element(0x00100022, "CS", "TEXT")), MANY)
file(EXPORT, "specimens", items(0x00400560, specimen), MANY)
file(EXPORT, "coding schemes", items(0x00080110, scheme), MANY)
file(EXPORT, "coding schemes that codes have", both(
    items(0x00080110, scheme),
    items(0x00081032, lambda i: code("C%d" % i, "99S%d" % i))), MANY)
file(EXPORT, "coding schemes that are not known", items(
    0x00081032, lambda i: code("C%d" % i, "99S%d" % i)), MANY)
file(EXPORT, "names of operators", NAMES)
file(EXPORT, "operators' names and identification", both(NAMES, PERSONS),
     MANY)
file(EXPORT, "more names of operators than items", both(
    NAMES, lambda n: PERSONS(n // 2)), MANY)
file(EXPORT, "identification of referrers", items(0x00080096, person), MANY)
file(EXPORT, "items without anything", items(0x00400275, lambda i: b""),
     4 * MANY)
file(EXPORT, "functional groups", items(
    0x52009230, lambda i: sequence(0x00209113, [
        element(0x00200032, "DS", "1\\2\\3")])), MANY)

# ---- lengths ----

file(EXPORT, "telephones", values(0x00102154, "SH", lambda i: "T%d" % i))
file(EXPORT, "values of ImageType", values(0x00080008, "CS",
                                           lambda i: "T%d" % i))
for tag, vr in ((0x00081030, "LO"), (0x00100010, "PN"), (0x00081070, "PN"),
                (0x00102154, "SH"), (0x00101030, "DS"), (0x00101010, "AS"),
                (0x00080020, "DA"), (0x00080030, "TM"), (0x00200013, "IS"),
                (0x00080060, "CS"), (0x00080018, "UI"), (0x00101040, "LO")):
    file(EXPORT, "backslashes of %08x %s" % (tag, vr),
         text(tag, vr, lambda n: "\\" * n), n=1600)
    file(EXPORT, "a long text of %08x %s" % (tag, vr),
         text(tag, vr, lambda n: "1" * n), n=1000)
file(EXPORT, "carets of a name", text(0x00100010, "PN", lambda n: "^" * n),
     n=1000)
file(EXPORT, "equals of a name", text(0x00100010, "PN", lambda n: "=" * n),
     n=1000)
for term, bytes_ in (("ISO_IR 192", "\u00e9".encode()), ("ISO_IR 100", b"\xe9"),
                     ("GB18030", b"\xb0\xa1"), ("ISO_IR 13", b"\xb1"),
                     ("\\ISO 2022 IR 87", b"\x1b$B0l\x1b(B"),
                     ("\\ISO 2022 IR 149", b"\x1b$)C\xb0\xa1")):
    file(EXPORT, "a long text in " + term, lambda n, t=term, b=bytes_: {
        0x00080005: element(0x00080005, "CS", t),
        0x00081030: element(0x00081030, "LO", b * (n // len(b)))}, n=1000)

# ---- elements ----

file(EXPORT, "elements", lambda n: {
    0x00300001 + i: element(0x00300001 + i, "LO", "x") for i in range(n)},
    n=1000)
file(EXPORT, "private blocks", lambda n: {
    tag: element(tag, "LO", "x%d" % i) for i in range(n)
    for tag in (0x00110010 + ((i // 200) << 17) + i % 200,
                0x00111000 + ((i // 200) << 17) + (i % 200 << 8))}, n=400)

file(EXPORT, "private groups", lambda n: {
    tag: element(tag, "LO", "x%d" % i) for i in range(n)
    for tag in (0x00110010 + (i << 17), 0x00111000 + (i << 17))}, n=400)
file(EXPORT, "elements in falling order", lambda n: {
    0x00200013: element(0x00200013, "IS", "1") + b"".join(
        element(0x00300001 + i, "LO", "x") for i in range(n, 0, -1))},
    n=1000)
file(EXPORT, "entries of the report", lambda n: {
    0x00300001 + i: element(0x00300001 + i, "LO", "x")
    for i in range(n)}, n=1000)
file(EXPORT, "attributes that are there twice", lambda n: {
    0x00200013: element(0x00200013, "IS", "1") + b"".join(
        2 * element(0x00300001 + i, "LO", "x") for i in range(n))}, n=1000)

# ---- files ----


def files(name, of, n=30):
    """n instances, of each of which of(i) is its own."""
    def one(i):
        extra = {0x00080018: element(0x00080018, "UI", "1.2.3.0.1.%d" % i),
                 0x00200013: element(0x00200013, "IS", str(i))}
        extra.update(of(i))
        return dicom(extra)
    row(EXPORT, name, lambda k: [one(i + 1) for i in range(k)], n)


def value(tag, vr, form):
    return lambda i: {tag: element(tag, vr, form % i)}


def inside(tag, of):
    return lambda i: {tag: sequence(tag, [of(i)])}


EACH = {
    "an accession number": value(0x00080050, "SH", "A%d"),
    "a description": value(0x00081030, "LO", "D%d"),
    "a name of the patient": value(0x00100010, "PN", "N%d"),
    "a referrer": value(0x00080090, "PN", "R%d"),
    "an operator": value(0x00081070, "PN", "O%d"),
    "a weight": value(0x00101030, "DS", "%d"),
    "an address": value(0x00101040, "LO", "A%d"),
    "a telephone": value(0x00102154, "SH", "T%d"),
    "a procedure": inside(0x00081032, lambda i: code("C%d" % i)),
    "a request": inside(0x00400275, request),
    "a specimen": inside(0x00400560, specimen),
    "an operator's identification": inside(0x00081072, person),
    "another patient id": inside(0x00101002, lambda i: element(
        0x00100020, "LO", "O%d" % i)),
    "a series": value(0x0020000e, "UI", "1.2.3.0.%d"),
    "a study": value(0x0020000d, "UI", "1.2.3.%d"),
    "a patient": value(0x00100020, "LO", "P%d"),
}
files("files of a series", lambda i: {})
row("records", "records of a series", lambda n: [dicom({
    0x00080018: element(0x00080018, "UI", "1.2.3.0.1.%d" % i)})
    for i in range(1, n + 1)], n=30)
row("records", "a record of many items", lambda n: [dicom(CODES(n))], n=MANY)
for _name, _of in EACH.items():
    files("files with %s each" % _name, _of)


# ---- a DICOMDIR ----

def record(i, name):
    return (element(0x00041430, "CS", "IMAGE") +
            element(0x00041500, "CS", name % i))


def dicomdir(name):
    """Of n files, none of which is spelt so, in a folder of as many."""
    return lambda n: [dicom({0x00041220: sequence(0x00041220, [
        record(i, name) for i in range(n)])}, MEDIA_STORAGE)]


row("walk", "files of a DICOMDIR", dicomdir("F%d"))
row("walk", "files of a DICOMDIR in a folder", dicomdir("folder\\F%d"))
# measure(1) names them in1, in2 ...
row("walk", "files of a DICOMDIR in upper case", lambda n: [
    dicomdir("IN%d")(n)[0]] + [b"x"] * n)
row("walk", "a path in a DICOMDIR", lambda n: [dicom({
    0x00041220: sequence(0x00041220, [element(
        0x00041500, "CS", "\\".join("F%d" % i for i in range(n)))])},
    MEDIA_STORAGE)])

# ---- the state of --since ----


def state(of):
    """n lines of a state file; measure(1) puts its checksum behind them."""
    def make(n):
        text = "dcmfhir-since 1\nrules\n" + "".join(
            of(i) for i in range(n))
        return [text.encode()]
    return make


row("state", "files of a state", state(
    lambda i: "file 10 20 00ff00ff00ff00ff - /a/%d\n" % i), n=4000)
row("state", "studies of a state", state(
    lambda i: "study %d\nfile 1 2 00ff00ff00ff00ff %d /a/%d\n" % (i, i, i)),
    n=4000)
row("state", "backslashes in a path of a state", lambda n: [
    ("dcmfhir-since 1\nrules\nfile 1 2 00ff00ff00ff00ff - /" + "\\\\" * n +
     "\n").encode()], n=4000)

# ---- studies of many orders ----

file(EXPORT, "request items without an accession number", items(
    0x00400275, lambda i: element(0x00401001, "SH", "P%d" % i) +
    element(0x00400009, "SH", "S%d" % i)), MANY)
file(EXPORT, "request items of one accession number", items(
    0x00400275, lambda i: element(0x00080050, "SH", "A") +
    element(0x00401001, "SH", "P%d" % i)), MANY)


def with_requests(n):
    """n instances of n requests."""
    many = sequence(0x00400275, [request(i) for i in range(n)])
    return [dicom({0x00080018: element(0x00080018, "UI", "1.2.3.0.1.%d" % i),
                   0x00400275: many}) for i in range(1, 1 + n)]


def half(make):
    """Of n times n: as many as make the input twice as large."""
    return lambda n: make(max(1, round(n ** 0.5)))


row(EXPORT, "instances of a study of as many requests",
    half(with_requests), n=400)
