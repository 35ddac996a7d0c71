"""DICOM files and Bundles of which one list has n members, or one length is n.

Small and by hand, so that the code under test does not make its own input.
"""
import json
import struct

LONG = ("OB", "OD", "OF", "OL", "OV", "OW", "SQ", "SV", "UC", "UN", "UR", "UT",
        "UV")
URL = "https://dcmfhir.org/fhir/StructureDefinition/dicom-attribute"
V2_0203 = "http://terminology.hl7.org/CodeSystem/v2-0203"


# ---- DICOM, explicit VR little endian ----

def element(tag, vr, value=b""):
    if isinstance(value, str):
        value = value.encode()
    if len(value) % 2:
        value += b"\0" if vr in ("UI", "OB", "UN") else b" "
    head = struct.pack("<HH", tag >> 16, tag & 0xffff) + vr.encode()
    if vr in LONG:
        return head + b"\0\0" + struct.pack("<I", len(value)) + value
    return head + struct.pack("<H", len(value)) + value


def item(elements):
    return struct.pack("<HHI", 0xfffe, 0xe000, len(elements)) + elements


def sequence(tag, items):
    return element(tag, "SQ", b"".join(item(i) for i in items))


def code(value, scheme="99X", meaning="Meaning"):
    return (element(0x00080100, "SH", value) +
            element(0x00080102, "SH", scheme) +
            element(0x00080104, "LO", meaning))


CT = "1.2.840.10008.5.1.4.1.1.2"
MEDIA_STORAGE = "1.2.840.10008.1.3.10"  # a DICOMDIR


def dicom(extra=None, sop_class=CT):
    """A CT instance; extra: {tag: the whole element}, which replaces."""
    elements = {
        0x00080005: element(0x00080005, "CS", "ISO_IR 192"),
        0x00080016: element(0x00080016, "UI", "1.2.840.10008.5.1.4.1.1.2"),
        0x00080018: element(0x00080018, "UI", "1.2.3.0.1.1"),
        0x00080020: element(0x00080020, "DA", "20240101"),
        0x00080060: element(0x00080060, "CS", "CT"),
        0x00100010: element(0x00100010, "PN", "Doe^John"),
        0x00100020: element(0x00100020, "LO", "ID0"),
        0x00100030: element(0x00100030, "DA", "19700101"),
        0x0020000d: element(0x0020000d, "UI", "1.2.3.0"),
        0x0020000e: element(0x0020000e, "UI", "1.2.3.0.1"),
        0x00200013: element(0x00200013, "IS", "1"),
    }
    elements.update(extra or {})
    meta = (element(0x00020001, "OB", b"\0\1") +
            element(0x00020002, "UI", sop_class) +
            element(0x00020003, "UI", "1.2.3.0.1.1") +
            element(0x00020010, "UI", "1.2.840.10008.1.2.1") +
            element(0x00020012, "UI", "1.2.3"))
    length = element(0x00020000, "UL", struct.pack("<I", len(meta)))
    return (b"\0" * 128 + b"DICM" + length + meta +
            b"".join(elements[tag] for tag in sorted(elements)))


def original(system, elements, time="20240101000000+0000"):
    """An item of Original Attributes Sequence."""
    return (sequence(0x04000550, [elements]) +
            element(0x04000562, "DT", time) +
            element(0x04000563, "LO", system) +
            element(0x04000564, "LO") +
            element(0x04000565, "CS", "COERCE"))


# ---- FHIR ----

def reference(to):
    return {"reference": to}


def coding(value, system="http://example.org/codes"):
    return {"system": system, "code": value, "display": "Meaning"}


def concept(value):
    return {"coding": [coding(value)]}


def accession(value):
    return {"type": {"coding": [{"system": V2_0203, "code": "ACSN"}]},
            "value": value}


def patient(**more):
    return dict({"resourceType": "Patient", "id": "p0",
                 "identifier": [{"value": "ID0"}],
                 "birthDate": "1970-01-01"}, **more)


def series(number=1, **more):
    uid = "1.2.3.0.%d" % number
    return dict({"uid": uid, "instance": [{
        "uid": uid + ".1",
        "sopClass": {"system": "urn:ietf:rfc:3986",
                     "code": "urn:oid:1.2.840.10008.5.1.4.1.1.2"}}]}, **more)


def study(**more):
    return dict({"resourceType": "ImagingStudy", "id": "s0",
                 "identifier": [{"system": "urn:dicom:uid",
                                 "value": "urn:oid:1.2.3.0"}],
                 "status": "available", "subject": reference("Patient/p0"),
                 "series": [series()]}, **more)


def order(number, **more):
    return dict({"resourceType": "ServiceRequest", "id": "r%d" % number,
                 "status": "active", "intent": "order",
                 "subject": reference("Patient/p0"),
                 "identifier": [accession("A%d" % number)]}, **more)


def beside(path, value="x", **more):
    """What travels beside: an attribute in an extension of ours."""
    parts = [{"url": "path", "valueString": path},
             {"url": "value", "valueString": value}]
    return {"url": URL, "extension": parts +
            [{"url": k, "valueString": v} for k, v in more.items()]}


def bundle(*resources):
    entries = [{"fullUrl": "http://example.org/%s/%s" %
                (r["resourceType"], r["id"]), "resource": r}
               for r in resources]
    text = json.dumps({"resourceType": "Bundle", "type": "collection",
                       "entry": entries})
    return text.encode()
