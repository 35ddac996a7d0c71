"""Lists and lengths of Bundles, and of what stamps left in files."""
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

# ---- a patient ----

bundle("names of a patient", lambda n: [study(), patient(
    name=[{"family": "F%d" % i} for i in range(n)])])
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

# ---- what stamps left ----


def texts(first, n):
    return b"".join(element(first + 2 * i, "LO") for i in range(n))


STAMPED = "undo history"
file(STAMPED, "stamps", lambda n: {
    0x04000561: sequence(0x04000561, [
        original("dcmfhir", texts(0x11000000, 1)) for _ in range(n)])})
