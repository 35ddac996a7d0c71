"""Lists and lengths of Bundles, and of what stamps left in files."""
import struct

from inputs import (accession, beside, coding, concept, element, order,
                    original, patient, reference, sequence, series, study)
from table import bundle, file


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

# ---- a patient ----

bundle("names of a patient", lambda n: [study(), patient(
    name=[{"family": "F%d" % i} for i in range(n)])])
bundle("given names", lambda n: [study(), patient(
    name=[{"family": "F", "given": ["G%d" % i for i in range(n)]}])])
bundle("telephones", lambda n: [study(), patient(
    telecom=[{"system": "phone", "value": "%d" % i} for i in range(n)])])
bundle("lines of an address", lambda n: [study(), patient(
    address=[{"line": ["l%d" % i for i in range(n)]}])])
bundle("identifiers of a patient", lambda n: [study(), patient(
    identifier=[{"system": "urn:x:%d" % i, "value": "ID%d" % i}
                for i in range(n)])])

# ---- extensions ----

bundle("extensions", lambda n: [patient(), study(extension=[
    {"url": "http://example.org/%d" % i, "valueString": "x"}
    for i in range(n)])])
bundle("what travels beside", lambda n: [patient(), study(extension=[
    beside("RequestAttributesSequence[%d].AccessionNumber" % i)
    for i in range(n)])])

bundle("what travels beside, of no attribute", lambda n: [patient(), study(
    extension=[beside("Attribute%d" % i) for i in range(n)])])
bundle("what travels beside, within one item", lambda n: [
    patient(), study(extension=[
        beside("RequestAttributesSequence[0].(0011,%04x)" % (0x1000 + i))
        for i in range(n)])])

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
