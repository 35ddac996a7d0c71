"""Lists and lengths of Bundles, and of what stamps left in files."""
import json
import struct

import inputs
from inputs import (accession, beside, code, coding, concept, element, order,
                    original, patient, reference, sequence, series, study)
from table import bundle, file, row


def references(kind, n):
    return [reference("%s%d" % (kind, i)) for i in range(n)]


# ---- a study ----

bundle("studies", lambda n: [patient()] + [study(
    id="s%d" % i, identifier=[{"system": "urn:dicom:uid",
                               "value": "urn:oid:1.2.3.%d" % i}])
    for i in range(n)])
bundle("series", lambda n: [patient(), study(
    series=[series(i) for i in range(n)])])
bundle("instances", lambda n: [patient(), study(series=[series(instance=[
    {"uid": "1.2.3.0.1.%d" % i, "number": i} for i in range(n)])])])
bundle("reasons", lambda n: [patient(), study(
    reason=[{"concept": concept("C%d" % i)} for i in range(n)])])
bundle("codings of a reason", lambda n: [patient(), study(
    reason=[{"concept": {"coding": [coding("C%d" % i) for i in range(n)]}}])])

# ---- orders ----

bundle("orders of a study", lambda n: [patient(), study(
    basedOn=references("ServiceRequest/r", n))] +
    [order(i) for i in range(n)])
bundle("contained orders", lambda n: [patient(), study(
    basedOn=references("#r", n), contained=[order(i) for i in range(n)])])

bundle("identifiers of an order", lambda n: [patient(), study(
    basedOn=references("ServiceRequest/r", 1)),
    order(0, identifier=[accession("A%d" % i) for i in range(n)])])
bundle("procedures", lambda n: [patient(), study(
    procedure=[{"concept": concept("C%d" % i)} for i in range(n)])])
bundle("contained specimens", lambda n: [patient(), study(
    series=[series(specimen=references("#sp", n))],
    contained=[{"resourceType": "Specimen", "id": "sp%d" % i,
                "identifier": [{"value": "S%d" % i}]} for i in range(n)])])
bundle("studies of one UID", lambda n: [patient()] + [
    study(id="s%d" % i, description="D%d" % i) for i in range(n)], n=50)



def onto(name, resources, elements, n=100):
    """A Bundle that is stamped onto a file with elements of its own."""
    row("stamp", name, lambda k: [inputs.bundle(*resources(k)),
                                  inputs.dicom(elements(k))], n)


def of_type(kind, number, **more):
    return dict({"resourceType": kind, "id": "%s%d" % (kind, number)}, **more)


def request(number):
    """An item of Request Attributes Sequence; even ones have an accession."""
    number_of_order = (element(0x00080050, "SH", "A%d" % number)
                       if number % 2 == 0 else b"")
    return (number_of_order +
            sequence(0x0040100a, [code("R%d" % number)]) +
            element(0x00401001, "SH", "P%d" % number))


onto("orders onto as many request items", lambda n: [patient(), study(
    basedOn=references("ServiceRequest/r", n))] +
    [order(i) for i in range(n)],
    lambda n: {0x00400275: sequence(0x00400275, [request(2 * i)
                                                 for i in range(n)])})
onto("other orders onto request items", lambda n: [patient(), study(
    basedOn=references("ServiceRequest/r", n))] +
    [order(i, identifier=[accession("B%d" % i)]) for i in range(n)],
    lambda n: {0x00400275: sequence(0x00400275, [request(2 * i)
                                                 for i in range(n)])})
onto("orders onto request items of nothing", lambda n: [patient(), study(
    basedOn=references("ServiceRequest/r", n))] +
    [order(i) for i in range(n)],
    lambda n: {0x00400275: sequence(0x00400275, [b"" for _ in range(n)])})
onto("procedures onto procedure codes", lambda n: [patient(), study(
    procedure=[{"concept": concept("C%d" % i)} for i in range(n)])],
    lambda n: {0x00081032: sequence(0x00081032, [code("P%d" % i)
                                                 for i in range(n)])})
onto("reasons onto reason codes", lambda n: [patient(), study(
    reason=[{"concept": concept("C%d" % i)} for i in range(n)])],
    lambda n: {0x00401012: sequence(0x00401012, [code("P%d" % i)
                                                 for i in range(n)])})
onto("identifiers onto other patient ids", lambda n: [study(), patient(
    identifier=[{"system": "urn:x:%d" % i, "value": "ID%d" % i}
                for i in range(n)])],
    lambda n: {0x00101002: sequence(0x00101002, [
        element(0x00100020, "LO", "X%d" % i) for i in range(n)])})
onto("performers onto performers", lambda n: [patient(), study(
    series=[series(performer=[{"actor": reference("Practitioner/p%d" % i)}
                              for i in range(n)])])] +
    [of_type("Practitioner", i, id="p%d" % i, name=[{"family": "F%d" % i}])
     for i in range(n)],
    lambda n: {0x00081050: element(0x00081050, "PN", "\\".join(
        "D%d" % i for i in range(n)))})
onto("signatures", lambda n: [patient(name=[{"family": "New"}]), study()],
     lambda n: {0x4ffe0001: sequence(0x4ffe0001, [
         element(0x04000005, "US", struct.pack("<H", i)) +
         element(0x04000020, "AT", struct.pack("<HH", 0x11, i))
         for i in range(n)]),
         0xfffafffa: sequence(0xfffafffa, [
             element(0x04000005, "US", struct.pack("<H", i))
             for i in range(n)])})
onto("elements that are signed", lambda n: [
    patient(name=[{"family": "New"}]), study()],
     lambda n: {0x4ffe0001: sequence(0x4ffe0001, [
         element(0x04000005, "US", bytes(2)) +
         element(0x04000020, "AT", b"".join(struct.pack("<HH", 0x11, i)
                                            for i in range(n)))]),
         0xfffafffa: sequence(0xfffafffa, [
             element(0x04000005, "US", bytes(2))])})



def private(n, groups):
    """n private texts in Latin-1, in blocks of their own or of one another."""
    made = {}
    for i in range(n):
        group = 0x00110000 + (i << 17 if groups else i // 200 << 17)
        block = 0x10 if groups else 0x10 + i % 200
        made[group + block] = element(group + block, "LO", b"Caf\xe9%d" % i)
        tag = group + (block << 8)
        made[tag] = element(tag, "LO", b"caf\xe9%d" % i)
    return made


for _name, _groups in (("blocks", False), ("groups", True)):
    onto("private %s that are widened" % _name, lambda n: [
        patient(name=[{"family": "\u5c71\u7530"}]), study()],
        lambda n, g=_groups: private(n, g) | {
            0x00080005: element(0x00080005, "CS", "ISO_IR 100")}, n=400)
onto("items that are widened", lambda n: [
    patient(name=[{"family": "\u5c71\u7530"}]), study()],
    lambda n: {0x00080005: element(0x00080005, "CS", "ISO_IR 100"),
               0x00321064: sequence(0x00321064, [
                   element(0x00080104, "LO", b"caf\xe9%d" % i)
                   for i in range(n)])}, n=400)


def of_own_study(number):
    uid = "1.2.3.%d" % number
    return study(id="s%d" % number, identifier=[
        {"system": "urn:dicom:uid", "value": "urn:oid:" + uid}])


def image_of(number):
    return inputs.dicom({0x0020000d: element(0x0020000d, "UI",
                                             "1.2.3.%d" % number)})


row("stamp", "files of one study", lambda n: [
    inputs.bundle(patient(), study())] + [inputs.dicom()] * n, n=25)
row("stamp", "files of a study each", lambda n: [inputs.bundle(
    patient(), *[of_own_study(i) for i in range(n)])] +
    [image_of(i) for i in range(n)], n=25)
row("stamp", "lines of NDJSON", lambda n: [b"".join(
    json.dumps(resource).encode() + b"\n"
    for resource in [patient()] + [of_own_study(i) for i in range(n)]),
    image_of(0)])

# ---- codes ----


def codings(n, system):
    return [{"concept": {"coding": [coding("C%d" % i, system % i)]}}
            for i in range(n)]


bundle("coding systems of procedures", lambda n: [patient(), study(
    procedure=codings(n, "http://example.org/%d"))])
bundle("coding systems that are UIDs", lambda n: [patient(), study(
    procedure=codings(n, "urn:oid:1.2.3.%d"))], ways="stamp")
bundle("codings of a procedure", lambda n: [patient(), study(
    procedure=[{"concept": {"coding": [
        coding("C%d" % i, "http://example.org/%d" % i)
        for i in range(n)]}}])], ways="stamp")
bundle("procedures of one code", lambda n: [patient(), study(
    procedure=[{"concept": concept("C")} for i in range(n)])], ways="stamp")
bundle("modalities", lambda n: [patient(), study(
    modality=[concept("M%d" % i) for i in range(n)])], ways="stamp")

# ---- resources of other types ----

bundle("practitioners that perform", lambda n: [patient(), study(
    series=[series(performer=[{"actor": reference("Practitioner/p%d" % i)}
                              for i in range(n)])])] +
    [of_type("Practitioner", i, id="p%d" % i, name=[{"family": "F%d" % i}],
             identifier=[{"value": "P%d" % i}]) for i in range(n)])
bundle("practitioners that nobody names", lambda n: [patient(), study()] +
       [of_type("Practitioner", i, name=[{"family": "F%d" % i}])
        for i in range(n)], ways="stamp")
bundle("referrers of orders", lambda n: [patient(), study(
    basedOn=references("ServiceRequest/r", n))] +
    [order(i, requester=reference("Practitioner/p%d" % i))
     for i in range(n)] +
    [of_type("Practitioner", i, id="p%d" % i, name=[{"family": "F%d" % i}])
     for i in range(n)], ways="stamp")
bundle("locations", lambda n: [patient(), study(
    location=reference("Location/l0"))] +
    [of_type("Location", i, id="l%d" % i, name="L%d" % i)
     for i in range(n)], ways="stamp")
bundle("specimens", lambda n: [patient(), study(
    series=[series(specimen=references("Specimen/sp", n))])] +
    [of_type("Specimen", i, id="sp%d" % i, subject=reference("Patient/p0"),
             identifier=[{"value": "S%d" % i}]) for i in range(n)])


def observation(number, of):
    return of_type("Observation", number, status="final", code={"coding": [
        coding("29463-7", "http://loinc.org")]}, subject=reference(of),
        effectiveDateTime="2024-01-01", valueQuantity={
            "value": 70 + number % 7, "unit": "kg",
            "system": "http://unitsofmeasure.org", "code": "kg"})


bundle("observations of one patient", lambda n: [patient(), study()] + [
    observation(i, "Patient/p0") for i in range(n)], ways="stamp")
bundle("studies and observations of one patient", lambda n: [patient()] + [
    study(id="s%d" % i, identifier=[{"system": "urn:dicom:uid",
                                     "value": "urn:oid:1.2.3.%d" % i}])
    for i in range(n)] + [observation(i, "Patient/p0") for i in range(n)],
    n=50)
bundle("studies of one patient each", lambda n: [
    patient(id="p%d" % i, identifier=[{"value": "ID%d" % i}])
    for i in range(n)] + [
    study(id="s%d" % i, subject=reference("Patient/p%d" % i),
          identifier=[{"system": "urn:dicom:uid",
                       "value": "urn:oid:1.2.3.%d" % i}])
    for i in range(n)], ways="stamp")
bundle("devices", lambda n: [patient(), study(series=[series(
    performer=[{"actor": reference("Device/d%d" % i)} for i in range(n)])])] +
    [of_type("Device", i, id="d%d" % i, manufacturer="M%d" % i)
     for i in range(n)], ways="stamp")
bundle("orders that nobody refers to", lambda n: [patient(), study()] +
       [order(i) for i in range(n)], ways="stamp")
bundle("resources of no use", lambda n: [patient(), study()] +
       [of_type("Basic", i) for i in range(n)], ways="stamp")
bundle("resources of one name", lambda n: [study()] +
       [patient() for _ in range(n)], ways="stamp")
bundle("resources of one name that differ", lambda n: [study()] +
       [patient(gender="male", multipleBirthInteger=i) for i in range(n)],
       ways="stamp")
bundle("resources of one identifier", lambda n: [study(), patient()] + [
    order(i, identifier=[{"system": "urn:x", "value": "A"}])
    for i in range(n)], ways="stamp")

# ---- references ----

bundle("references that lead nowhere", lambda n: [patient(), study(
    basedOn=references("ServiceRequest/gone", n))], ways="stamp")
bundle("references by identifier", lambda n: [patient(), study(basedOn=[
    {"type": "ServiceRequest", "identifier": {"system": "urn:x",
                                              "value": "A%d" % i}}
    for i in range(n)])] + [
    order(i, identifier=[{"system": "urn:x", "value": "A%d" % i}])
    for i in range(n)], ways="stamp")
bundle("references to one order", lambda n: [patient(), study(
    basedOn=[reference("ServiceRequest/r0")] * n), order(0)], ways="stamp")
bundle("absolute references", lambda n: [patient(), study(
    basedOn=references("http://example.org/ServiceRequest/r", n))] +
    [order(i) for i in range(n)], ways="stamp")

# ---- R4 ----

bundle("reasons of R4", lambda n: [patient(), study(
    started="2024-01-01", modality=[coding("CT")],
    reasonCode=[concept("C%d" % i) for i in range(n)])], ways="rebuild")
bundle("procedures of R4", lambda n: [patient(), study(
    modality=[coding("CT")],
    procedureCode=[concept("C%d" % i) for i in range(n)])], ways="rebuild")
bundle("modalities of R4", lambda n: [patient(), study(
    modality=[coding("M%d" % i) for i in range(n)])], ways="stamp")
bundle("interpreters of R4", lambda n: [patient(), study(
    modality=[coding("CT")],
    interpreter=references("Practitioner/p", n))] + [
    of_type("Practitioner", i, id="p%d" % i, name=[{"family": "F%d" % i}])
    for i in range(n)], ways="rebuild")

# ---- a patient ----

bundle("names of a patient", lambda n: [study(), patient(
    name=[{"family": "F%d" % i} for i in range(n)])])
bundle("given names", lambda n: [study(), patient(
    name=[{"family": "F", "given": ["G%d" % i for i in range(n)]}])], n=800)
bundle("telephones", lambda n: [study(), patient(
    telecom=[{"system": "phone", "value": "%d" % i} for i in range(n)])])
bundle("lines of an address", lambda n: [study(), patient(
    address=[{"line": ["l%d" % i for i in range(n)]}])])
bundle("identifiers of a patient", lambda n: [study(), patient(
    identifier=[{"system": "urn:x:%d" % i, "value": "ID%d" % i}
                for i in range(n)])])

# ---- extensions ----

# Few of them weigh less than the steps in which tables of hashes grow.
bundle("extensions", lambda n: [patient(), study(extension=[
    {"url": "http://example.org/%d" % i, "valueString": "x"}
    for i in range(n)])], n=400)
bundle("what travels beside", lambda n: [patient(), study(extension=[
    beside("RequestAttributesSequence[%d].AccessionNumber" % i)
    for i in range(n)])])

bundle("what travels beside, of no attribute", lambda n: [patient(), study(
    extension=[beside("Attribute%d" % i) for i in range(n)])],
    n=20, ways="stamp")
bundle("what travels beside, within one item", lambda n: [
    patient(), study(extension=[
        beside("RequestAttributesSequence[0].(0011,%04x)" % (0x1000 + i))
        for i in range(n)])])

bundle("members that FHIR does not know", lambda n: [patient(), study(
    **{"member%d" % i: 1 for i in range(n)})], n=400, ways="stamp")
bundle("extensions within each other", lambda n: [patient(), study(
    extension=[{"url": "http://example.org", "extension": [
        {"url": "u%d" % i, "valueString": "x"} for i in range(n)]}])],
       ways="stamp")

# ---- what stamps left ----


def texts(first, n):
    return b"".join(element(first + 2 * i, "LO") for i in range(n))


def nonconforming(tag):
    return (element(0x00720026, "AT", struct.pack("<HH", tag >> 16,
                                                  tag & 0xffff)) +
            element(0x00720028, "US", bytes(2)) +
            element(0x04000552, "OB", b"x1"))


STAMPED = "undo history"
file(STAMPED, "attributes of a stamp", lambda n: {
    0x04000561: sequence(0x04000561, [
        original("dcmfhir", texts(0x11000000, n))])})
file(STAMPED, "stamps", lambda n: {
    0x04000561: sequence(0x04000561, [
        original("dcmfhir", texts(0x11000000, 1)) for _ in range(n)])})
file(STAMPED, "attributes of a stamp and of a later change of another's",
     lambda n: {0x04000561: sequence(0x04000561, [
         original("dcmfhir", texts(0x11000000, n)),
         original("OTHER", texts(0x21000000, n))])})
CHARSET = element(0x00080005, "CS", "ISO_IR 100")
file(STAMPED, "changes of the character set, and later ones of another's",
     lambda n: {0x04000561: sequence(0x04000561, [
         original("dcmfhir", CHARSET) for _ in range(n)] + [
         original("OTHER", texts(0x00400000, 1)) for _ in range(n)])})
file(STAMPED, "times of changes, every other of another's", lambda n: {
    0x04000561: sequence(0x04000561, [
        original(system, element(0x00080015, "DT", "20240101"))
        for _ in range(n) for system in ("dcmfhir", "OTHER")])})
file(STAMPED, "attributes in falling order", lambda n: {
    0x04000561: sequence(0x04000561, [original("dcmfhir", b"".join(
        element(0x11000000 + 2 * i, "LO") for i in range(n, 0, -1)))])})
file(STAMPED, "nonconforming values", lambda n: {
    0x04000561: sequence(0x04000561, [
        original("dcmfhir", texts(0x11000000, n)) +
        sequence(0x04000551, [nonconforming(0x11000000 + 2 * i)
                              for i in range(n)])])})
file(STAMPED, "group lengths", lambda n: {
    0x04000561: sequence(0x04000561, [original("dcmfhir", b"".join(
        element(0x11000010 + 0x20000 * i, "LO") for i in range(n)))]),
    **{0x11000000 + 0x20000 * i:
       element(0x11000000 + 0x20000 * i, "UL", bytes(4))
       for i in range(n)}})
file(STAMPED, "attributes of the file", lambda n: {
    0x04000561: sequence(0x04000561, [
        original("dcmfhir", texts(0x11000000, n))]),
    **{0x11000001 + 2 * i: element(0x11000001 + 2 * i, "LO")
       for i in range(n)}})
