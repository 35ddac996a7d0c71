#!/usr/bin/python3
"""Stamped by Bundles of a foreign shape, again, and undone, byte for byte.

    foreign.py PATH...

Each DICOM file below the paths is exported, in R4 and in R5; the Bundle is
rewritten as others might have said the same: other names of systems, types as
texts, identifiers in another order, contained resources as entries, nothing that
travels beside; and the patient has another name and telephone.  It is stamped
onto the file (1), onto the result (2), which must not change, and (1) is undone
(3), which must be the file.  A deflated file is compressed anew, so that of it
only the datasets must be alike.

DCM2FHIR, FHIR2DCM   the tools; ./dcm2fhir and ./fhir2dcm if not set
DCMFHIR_RULES        the rules; rules.yaml of the source tree if not set
FOREIGN_EVERY        each so many of them, 1 if not set

The last line counts them.  Exit status 1 if any is not as it should be.
"""
import collections
import concurrent.futures
import json
import os
import subprocess
import sys
import tempfile
import zlib

SYSTEMS = {
    "http://terminology.hl7.org/CodeSystem/v2-0203":
        "http://hl7.org/fhir/v2/0203",
    "http://terminology.hl7.org/CodeSystem/v3-ParticipationType":
        "http://hl7.org/fhir/v3/ParticipationType",
    "http://loinc.org": "urn:oid:2.16.840.1.113883.6.1",
    "http://snomed.info/sct": "urn:oid:2.16.840.1.113883.6.96",
    "http://unitsofmeasure.org": "urn:oid:2.16.840.1.113883.6.8",
    "http://dicom.nema.org/resources/ontology/DCM":
        "urn:oid:1.2.840.10008.2.16.4",
}
OURS = "https://dcmfhir.org/fhir/"
DEFLATED = b"1.2.840.10008.1.2.1.99"


def is_ours(member):
    return str(member.get("url", member.get("system", ""))).startswith(OURS)


def said_otherwise(value):
    """The same in other words, all the way down."""
    if isinstance(value, list):
        kept = [said_otherwise(one) for one in value
                if not (isinstance(one, dict) and is_ours(one) and
                        ("url" in one or "value" in one))]
        return [one for one in kept if one not in ({}, [])]
    if not isinstance(value, dict):
        return value
    out = {name: said_otherwise(one) for name, one in value.items()}
    out = {name: one for name, one in out.items() if one not in ({}, [])}
    if out.get("system") in SYSTEMS:
        out["system"] = SYSTEMS[out["system"]]
    if out.get("system") == "urn:dicom:uid":
        out = {**out, "system": "urn:ietf:rfc:3986"}
    if isinstance(out.get("identifier"), list):
        out["identifier"] = out["identifier"][::-1]
    return out


def contained_as_entries(resource, entries):
    for one in resource.pop("contained", []):
        name = f"c{len(entries)}"
        text = json.dumps(resource)
        text = text.replace(
            json.dumps("#" + one["id"]),
            json.dumps(f"https://ehr.example/fhir/{one['resourceType']}/{name}"))
        resource.clear()
        resource.update(json.loads(text))
        one["id"] = name
        entries.append({
            "fullUrl": f"https://ehr.example/fhir/{one['resourceType']}/{name}",
            "resource": one})


def renamed(patient):
    patient["name"] = [{"use": "official", "family": "Foreign",
                        "given": ["Shape"]}]
    patient["telecom"] = [{"system": "email", "value": "a@b.example"},
                          {"system": "phone", "value": "555-0100"}]


def foreign(bundle):
    entries = []
    for entry in bundle.get("entry", []):
        resource = said_otherwise(entry["resource"])
        contained_as_entries(resource, entries)
        entries.append({"fullUrl": entry["fullUrl"], "resource": resource})
    for entry in entries:
        if entry["resource"]["resourceType"] == "Patient":
            renamed(entry["resource"])
    return {"resourceType": "Bundle", "type": "collection",
            "entry": entries[::-1]}


def content(path):
    with open(path, "rb") as stream:
        data = stream.read()
    if DEFLATED not in data[:512]:
        return data
    length = 144 + int.from_bytes(data[140:144], "little")
    return data[:length] + zlib.decompress(data[length:], -15)


class Trial:
    def __init__(self, folder):
        here = os.path.dirname(os.path.abspath(__file__))
        self.folder = folder
        self.export = os.environ.get("DCM2FHIR", "./dcm2fhir")
        self.stamp = os.environ.get("FHIR2DCM", "./fhir2dcm")
        self.rules = os.environ.get("DCMFHIR_RULES") or os.path.join(
            here, "..", "..", "rules.yaml")

    def run(self, *words):
        return subprocess.run([*words], capture_output=True, timeout=120,
                              check=False)

    def __call__(self, job):
        """'undone', 'refused', 'unchanged' or what is wrong."""
        number, release, path = job
        work = os.path.join(self.folder, str(number))
        os.mkdir(work)
        bundle, stamped, again, back = (os.path.join(work, name) for name in
                                        ("b.json", "1", "2", "3"))
        run = self.run(self.export, "-q", "-r", release, "--rules", self.rules,
                       path)
        if run.returncode:
            return "refused"
        with open(bundle, "w", encoding="utf-8") as out:
            json.dump(foreign(json.loads(run.stdout)), out)
        words = [self.stamp, "-q", "-r", release, "--rules", self.rules,
                 "--force", "--reason", "test", "-b", bundle]
        run = self.run(*words, "-o", stamped, path)
        # A DICOMDIR stands for the files beside it.
        if run.returncode in (0, 1) and not os.path.isfile(stamped):
            return "refused"
        if run.returncode:
            return f"stamped: status {run.returncode}: {run.stderr[:200]}"
        run = self.run(*words, "-o", again, stamped)
        if run.returncode:
            return f"again: status {run.returncode}: {run.stderr[:200]}"
        if content(again) != content(stamped):
            return "stamped again it changes"
        run = self.run(self.stamp, "-q", "--undo", "-o", back, stamped)
        if run.returncode:
            return f"undone: status {run.returncode}: {run.stderr[:200]}"
        if content(back) != content(path):
            return "undone it is not the file"
        return "undone" if content(stamped) != content(path) else "unchanged"


def files_below(paths):
    for path in paths:
        if not os.path.isdir(path):
            yield path
        for top, folders, names in os.walk(path):
            folders.sort()
            for name in sorted(names):
                yield os.path.join(top, name)


def main(*paths):
    counts, wrong = collections.Counter(), 0
    jobs = [(release, path) for path in files_below(paths)
            for release in ("R4", "R5")]
    jobs = jobs[::int(os.environ.get("FOREIGN_EVERY") or 1)]
    with tempfile.TemporaryDirectory() as folder:
        with concurrent.futures.ThreadPoolExecutor(2) as pool:
            numbered = [(number, *job) for number, job in enumerate(jobs)]
            for job, result in zip(jobs, pool.map(Trial(folder), numbered)):
                known = result in ("undone", "refused", "unchanged")
                counts[result if known else "wrong"] += 1
                if not known:
                    wrong += 1
                    print(f"{job[1]} {job[0]}: {result}")
    print(f"foreign: {len(jobs)} stamps; {counts['undone']} undone byte for "
          f"byte, {counts['unchanged']} unchanged, {counts['refused']} "
          f"refused, {wrong} wrong")
    return 1 if wrong or not counts["undone"] else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
