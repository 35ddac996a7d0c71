"""What archives answer that the standard does not have: rows for test-dicomweb,
as its own are.  ODD: of a query, or of the second study's metadata.  TEXTS: bytes
of its metadata that give what they give as a file.  ODD_BULK: values by
reference that are lost, and told."""
import json

from server import instance

TWO = [instance(2, 1), instance(2, 2)]
MANY = b"\r\n--x\r\nContent-Type: application/dicom+json\r\n\r\n"
TYPE = {"Content-Type": 'multipart/related; type="application/dicom+json"; boundary=x'}
HTML = b"<html><body>Please log in</body></html>"


def dump(*datasets):
    return json.dumps(list(datasets)).encode()


def metadata(body, **more):
    return dict({"path": "/studies/1.2.3.2/*", "body": body}, **more)


def query(body=b"", **more):
    """The first answer to a query."""
    return dict({"path": "/studies", "times": 1, "body": body}, **more)


def found(*uids, **more):
    return [dict({"0020000D": {"vr": "UI", "Value": [uid]}}, **more) for uid in uids]


def both(tag, attribute):
    return [dict(dataset, **{tag: attribute}) for dataset in TWO]


def uid(*values):
    return both("0020000D", {"vr": "UI", "Value": list(values)})


def nested(count):
    return json.dumps(TWO[0]).encode()[:-1] + b',"00081032":{"vr":"SQ","Value":[{' + \
        b'"00081032":{"vr":"SQ","Value":[{' * (count - 1) + b"}]}" * count + b"}"


def part10(*uids):
    """The head of a DICOM file is enough to be taken for one."""
    import dicom
    import tempfile
    with tempfile.TemporaryDirectory() as folder:
        dicom.write(folder + "/x", uids[0], 1, patient="ID2")
        with open(folder + "/x", "rb") as file:
            return file.read()


REFUSED = [  # the second study is, for this; title, fault, words
    ("metadata in Latin-1", metadata(dump(*TWO).replace(b"Doe", b"M\xfcller")),
     ["1.2.3.2:1:", "not UTF-8, in [0].00100010[0]"]),
    ("metadata in UTF-16", metadata(dump(*TWO).decode().encode("utf-16")),
     ["1.2.3.2: is no DICOM JSON"]),
    ("metadata and more", metadata(dump(*TWO) + HTML), ["not JSON", "behind [1]"]),
    ("a comma too many", metadata(dump(*TWO)[:-1] + b",]"), ["not JSON", "behind [1]"]),
    ("single quotes", metadata(dump(*TWO).replace(b'"', b"'")), ["not JSON"]),
    ("arrays of arrays", metadata(json.dumps([TWO]).encode()), ["has no dataset"]),
    ("an envelope", metadata(json.dumps({"instances": TWO}).encode()),
     ["has no dataset"]),
    ("an error with status 200", metadata(b'{"error":"busy"}'), ["has no dataset"]),
    ("a file instead of metadata", metadata(part10("1.2.3.2")),
     ["1.2.3.2: is no DICOM JSON"]),
    ("a file of another study", metadata(part10("1.2.3.9")),
     ["1.2.3.2: is no DICOM JSON"]),
    ("two Study Instance UIDs", metadata(dump(*uid("1.2.3.2", "1.2.3.3"))),
     ["another study"]),
    ("a UID that is a number", metadata(dump(*uid(1.2))), ["another study"]),
    ("a UID of blanks", metadata(dump(*uid("  "))), ["another study"]),
    ("brackets without end", metadata(b"[" * 100000), ["too deeply nested"]),
    ("items without end", metadata(b"[" + nested(200) + b"]"),
     ["too deeply nested, in [0].00081032[0].00081032[0]."]),
    ("an empty dataset", metadata(dump({}, *TWO)), ["1.2.3.2[0]: "]),
    ("null among datasets", metadata(dump(None, *TWO)), ["1.2.3.2[0]: "]),
    ("a text for an attribute", metadata(dump(TWO[0], dict(TWO[1], **{
        "00100020": "ID2"}))), ["1.2.3.2[1]: 00100020 is no attribute"]),
    ("a text for one of an item", metadata(dump(TWO[0], dict(TWO[1], **{
        "00081032": {"vr": "SQ", "Value": [{"00080100": "A"}]}}))),
     ["1.2.3.2[1]: 00081032[0].00080100 is no attribute"]),
    ("multipart content that is cut", metadata(MANY + dump(*TWO), headers=TYPE),
     ["multipart content ends too early"]),
    ("multipart content of XML", metadata(
        b"--x\r\n\r\n<NativeDicomModel/>\r\n--x--", headers=TYPE),
     ["is no DICOM JSON"]),
    ("multipart content without parts", metadata(b"--x--", headers=TYPE),
     ["1.2.3.2: "]),
    ("gzip that is none", metadata(dump(*TWO), headers={"Content-Encoding": "gzip"}),
     ["Encoding"]),
    ("an encoding that nobody knows", metadata(dump(*TWO), headers={
        "Content-Encoding": "x-ours"}), ["Encoding"]),
    ("gone", metadata(b"", status=410), ["status 410"]),
    ("several choices", metadata(b"", status=300), ["status 300"]),
    ("accepted, for later", metadata(b"", status=202), ["empty"]),
    ("forbidden", metadata(HTML, status=403), ["status 403"]),
    ("not acceptable", metadata(b"", status=406), ["status 406"]),
]
TAKEN = [  # as if nothing were odd; title, fault
    ("metadata line by line", metadata(b"\n".join(
        json.dumps(dataset).encode() for dataset in TWO))),
    ("metadata as multipart content", metadata(
        MANY + dump(*TWO) + b"\r\n--x--\r\n", headers=TYPE)),
    ("... of a part an instance", metadata(
        MANY + dump(TWO[0]) + MANY + dump(TWO[1]) + b"\r\n--x--", headers=TYPE)),
    ("metadata that are only called multipart", metadata(dump(*TWO), headers=TYPE)),
    ("metadata from another's cache", metadata(dump(*TWO), status=203)),
    ("a UID with a blank", metadata(dump(*uid("1.2.3.2 ")))),
    ("a UID with its padding", metadata(dump(*uid("1.2.3.2\0")))),
    ("a UID without a list", metadata(dump(*both(
        "0020000D", {"vr": "UI", "Value": "1.2.3.2"})))),
    ("members of the archive's own", metadata(dump(*[dict(
        dataset, links=[1], _id={"$oid": "7"}) for dataset in TWO]))),
    ("group lengths, and file meta information", metadata(dump(*[dict(
        dataset, **{"00080000": {"vr": "UL", "Value": [7]},
                    "00020010": {"vr": "UI", "Value": ["1.2"]}}) for dataset in TWO]))),
    ("results that lead elsewhere", query(dump(*found(
        "1.2.3.1", "1.2.3.2", "1.2.3.3",
        **{"00081190": {"vr": "UR", "Value": ["http://other.example/"]}})))),
    ("results as multipart content", query(
        MANY + dump(*found("1.2.3.1", "1.2.3.2")) + b"\r\n--x--", headers=TYPE)),
    ("results line by line", query(b"\n".join(
        json.dumps(row).encode() for row in found("1.2.3.1", "1.2.3.2")))),
    ("one result without a list", query(json.dumps(found("1.2.3.1")[0]).encode())),
    ("lists one after another", query(
        dump(*found("1.2.3.1")) + b"\n" + dump(*found("1.2.3.2")))),
    ("results after a mark", query(b"\xef\xbb\xbf" + dump(*found("1.2.3.1")))),
    ("lower case and keywords", query(
        b'[{"0020000d":{"vr":"UI","Value":["1.2.3.1"]}},'
        b'{"StudyInstanceUID":{"vr":"UI","Value":"1.2.3.2"}}]')),
    ("a part of the results, with a warning", query(
        dump(*found("1.2.3.1")), status=206,
        headers={"Warning": '299 pacs "There are additional results"'})),
]
NO_LIST = [  # of results; title, body, words: only the study that is named is done
    ("a query with a log-in page", HTML, ["no list of results in JSON: 1:1: "]),
    ("a query with an error of status 200", b'{"error":"x"}', ["no list of results"]),
    ("a query in Latin-1", dump(dict(found("1.2.3.1")[0], x=["MU"])).replace(
        b"MU", b"M\xfc"), ["1:", "not UTF-8"]),
    ("a query of brackets", b"[" * 100000, ["nested"]),
    ("a query and more", dump(*found("1.2.3.3")) + HTML, ["no list of results"]),
    ("a UID twice in a result", b'[{"0020000D":{"vr":"UI","Value":["1.2.3.3"]},'
     b'"0020000D":{"vr":"UI","Value":["1.2.3.2"]}}]', ["no list of results"]),
]
NO_UID = [  # title, results, words: the first study is done
    ("a result without a UID", dump(*found("1.2.3.1"), {"00100020": {}}), "result 2 "),
    ("null among results", dump(*found("1.2.3.1"), None, 7), "result 2 "),
    ("a result with two UIDs", dump(*found("1.2.3.1"), {
        "0020000D": {"vr": "UI", "Value": ["1.2.3.2", "1.2.3.3"]}}), "result 2 "),
    ("a UID that is no attribute", dump(*found("1.2.3.1"), {"0020000D": "1.2.3.2"}),
     "result 2 "),
]
ONCE = ["--retry-for", "0"]
ODD = [(title, {"faults": [fault]}, [""], [1, 3], 1, words, ONCE)
       for title, fault, words in REFUSED] + \
    [(title, {"faults": [fault]}, [""], [1, 2, 3], 0, [], []) for title, fault in TAKEN] + \
    [(title, {"faults": [query(body)]}, ["", "/studies/1.2.3.2"], [2], 1, words, [])
     for title, body, words in NO_LIST] + \
    [(title, {"faults": [query(body), query(status=204)]}, [""], [1], 1,
      [word, "Study Instance UID"], []) for title, body, word in NO_UID] + [
    ("404 for nothing", {"faults": [query(status=404)]}, ["/studies?PatientID=X"], [],
     0, [], []),
    ("404 behind the last page", {"faults": [
        query(dump(*found("1.2.3.1", "1.2.3.2", "1.2.3.3"))), query(status=404)]},
     [""], [1, 2, 3], 0, [], []),
    ("404 for all", {"faults": [{"path": "/studies", "status": 404}]},
     ["/studies?PatientID=X", "/studies/1.2.3.1"], [1], 1, ["status 404"], []),
    ("404 for the service", {"faults": [query(status=404)]}, ["", "/studies/1.2.3.1"],
     [1], 1, ["status 404"], []),
    ("no pages at all", {"faults": [query(status=400)], "pages": "same"}, [""],
     [1, 2, 3], 0, ["more may be hidden"], []),
    ("500 for the second page", {"faults": [
        query(dump(*found("1.2.3.1", "1.2.3.2"))), {"path": "/studies", "status": 500}]},
     [""], [1, 2], 1, ["status 500"], ONCE),
    ("a log-in page for the second one", {"faults": [
        query(dump(*found("1.2.3.1", "1.2.3.2"))), {"path": "/studies", "body": HTML}]},
     [""], [1, 2], 1, ["no list of results"], []),
]
WITH = json.dumps(TWO[1]).encode()[:-1] + b","
TEXTS = [(title, b"[" + json.dumps(TWO[0]).encode() + b"," + WITH + more + b"}]")
         for title, more in (
             ("NaN", b'"00101030":{"vr":"DS","Value":[NaN]}'),
             ("a number without end", b'"00101030":{"vr":"DS","Value":[1e999999]}'),
             ("40 digits", b'"00201208":{"vr":"IS","Value":[' + b"9" * 40 + b"]}"),
             ("a VR of another kind", b'"00080050":{"vr":"US","Value":["A1"]}'),
             ("a VR that is none", b'"00080050":{"vr":"ZZ","Value":["A1"]}'),
             ("half a surrogate pair", b'"00081030":{"vr":"LO","Value":["\\ud800"]}'),
             ("an escaped NUL", b'"00081030":{"vr":"LO","Value":["a\\u0000b"]}'),
             ("another patient", b'"00100021":{"vr":"LO","Value":["other"]}'))]
TEXTS.append(("20 items in one another", b"[" + nested(20) + b"," +
              json.dumps(TWO[1]).encode() + b"]"))
ODD_BULK = [
    ("by a redirect to another server", {"status": 307, "headers": {
        "Location": "http://localhost:1/x"}}),
    ("a log-in page in several parts", {"body": b"--x\r\n\r\n<", "headers": TYPE}),
    ("behind a log-in", {"status": 401, "body": HTML}),
]
