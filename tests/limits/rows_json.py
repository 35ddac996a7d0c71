"""DICOM JSON (PS3.18 F) of which one list or length grows."""
import json

from table import row

MANY = 400


def instance(more=None, number=1):
    uid = "1.2.3.0.1"
    elements = {
        "00080016": {"vr": "UI", "Value": ["1.2.840.10008.5.1.4.1.1.2"]},
        "00080018": {"vr": "UI", "Value": ["%s.%d" % (uid, number)]},
        "00080060": {"vr": "CS", "Value": ["CT"]},
        "00100010": {"vr": "PN", "Value": [{"Alphabetic": "Doe^John"}]},
        "00100020": {"vr": "LO", "Value": ["ID0"]},
        "0020000D": {"vr": "UI", "Value": ["1.2.3.0"]},
        "0020000E": {"vr": "UI", "Value": [uid]},
    }
    elements.update(more or {})
    return elements


def text(name, make, n=MANY):
    row("json", name, lambda k: [make(k).encode()], n)


def one(name, make, n=MANY):
    """make(n): the elements of an instance beside those of every one."""
    text(name, lambda k: json.dumps([instance(make(k))]), n)


def code(value):
    return {"00080100": {"vr": "SH", "Value": ["C%d" % value]},
            "00080102": {"vr": "SH", "Value": ["99X"]},
            "00080104": {"vr": "LO", "Value": ["Meaning"]}}


def nested(n):
    inner = {}
    for _ in range(n):
        inner = {"00400275": {"vr": "SQ", "Value": [inner]}}
    return inner


text("instances", lambda n: json.dumps(
    [instance(number=i + 1) for i in range(n)]))
text("empty instances", lambda n: json.dumps([{}] * n), 4000)
text("instances as lines", lambda n: "\n".join(
    json.dumps(instance(number=i + 1)) for i in range(n)))
one("items", lambda n: {"00081032": {
    "vr": "SQ", "Value": [code(i) for i in range(n)]}})
one("depth of items", nested, 10)
one("elements that no rule reads", lambda n: {
    "0018%04X" % (0x1000 + i): {"vr": "LO", "Value": ["a"]}
    for i in range(n)}, 3000)
one("private elements", lambda n: dict({
    "00090010": {"vr": "LO", "Value": ["Maker"]}}, **{
        "0009%04X" % (0x1000 + i): {"vr": "LO", "Value": ["a"]}
        for i in range(n)}), 60)
one("keys that are no tags", lambda n: {"k%d" % i: {} for i in range(n)})
one("members of an element", lambda n: {"00104000": dict(
    {"vr": "LT", "Value": ["a"]}, **{"k%d" % i: 1 for i in range(n)})})
one("values", lambda n: {"00081070": {
    "vr": "PN", "Value": [{"Alphabetic": "N%d" % i} for i in range(n)]}})
one("values that are null", lambda n: {"00081070": {
    "vr": "PN", "Value": [None] * n}}, 20000)
one("numbers", lambda n: {"00189601": {"vr": "FD", "Value": [1.5] * n}}, 4000)
text("digits of a number", lambda n: json.dumps([instance({
    "00101030": {"vr": "DS", "Value": ["?"]}})]).replace(
        '"?"', "1" * n), 200000)
one("a text", lambda n: {"00104000": {"vr": "LT", "Value": ["a" * n]}}, 4000)
one("escapes in a text", lambda n: {
    "00104000": {"vr": "LT", "Value": ["\u00e4\n" * n]}}, 40000)
one("bytes within", lambda n: {
    "00420011": {"vr": "OB", "InlineBinary": "AAAA" * n}}, 40000)
one("an address of bytes", lambda n: {
    "7FE00010": {"vr": "OW", "BulkDataURI": "http://x/" + "a" * n}}, 4000)
text("white space", lambda n: "[" + " " * n + "]", 40000)
text("depth in brackets", lambda n: "[" * n + "]" * n)
