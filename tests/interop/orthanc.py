#!/usr/bin/env python3
"""Orthanc holds the cases and the examples; what dcm2fhir reads there by URL is
what it reads from the files, R4 and R5.

Orthanc listens to all addresses, so it runs in a network of its own, which
needs root; where that, or Orthanc with its plugin for DICOMweb, is not there,
it says so and exits with 77.

DCM2FHIR   the tool; ./dcm2fhir if not set
"""
import json
import os
import shutil
import subprocess
import sys
import tempfile
import urllib.error

sys.dont_write_bytecode = True
HERE = os.path.dirname(os.path.abspath(__file__))
TOP = os.path.dirname(os.path.dirname(HERE))
sys.path.insert(0, HERE)
from orthanc_server import WEB, ask, in_own_network, plugin, skip, start  # noqa: E402
DCM2FHIR = os.path.abspath(os.environ.get("DCM2FHIR", "./dcm2fhir"))
MOST = 1000  # instances
# What Orthanc 1.10 gives back otherwise than it got it, by kind, and in which
# studies.
KINDS = {
    "an empty item of a sequence is left out": ["197.1", "839.1"],
    "a DS is a number, without its own digits": [
        "201.1", "201.2", "202.1", "203.1", "660.1"],
    "a DS of 1.82 is the number 1.8200000000000001": [
        "2.25.31415926535897932384626433832795"],
    "an IS is a number of 32 bits, without its own digits": [
        "199.1", "200.1"],
    "an IS and a DS are numbers, without their own digits": ["244.1"],
    "equals signs at the end of a name are left out": ["171.1", "172.1"],
}
KNOWN = {uid if uid.startswith("2.25.") else "1.2.840.99." + uid: kind
         for kind, uids in KINDS.items() for uid in uids}
# It says 404 for the metadata of a study that two patients have.
REFUSED = {"1.2.840.99.224.1"}


def files(folder):
    """The cases as files, of which Orthanc takes those with all UIDs."""
    for number, path in enumerate(sorted(
            os.path.join(at, name) for top in ("tests/roundtrip/cases",
                                               "examples/study")
            for at, _, names in os.walk(os.path.join(TOP, top))
            for name in names)):
        to = os.path.join(folder, "%03d.dcm" % number)
        if path.endswith(".dcm"):
            shutil.copy(path, to)
        elif path.endswith(".dump") and subprocess.run(
                ["dump2dcm", "-q", "+E", path, to],
                stderr=subprocess.DEVNULL).returncode == 0:
            pass
        else:
            continue
        yield to


def stored(folder):
    """So many of them: the files that Orthanc has, as it answers."""
    kept = []
    for path in files(folder):
        with open(path, "rb") as file:
            body = file.read()
        try:
            if len(kept) < MOST and json.loads(
                    ask("/instances", body))["Status"] == "Success":
                kept.append(path)
                continue
        except (urllib.error.URLError, KeyError, TypeError):
            pass
        os.remove(path)
    return kept


def export(release, *paths):
    done = subprocess.run([DCM2FHIR, "-q", "--ndjson", "-r", release, *paths],
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    bundles = {}
    for line in done.stdout.decode().splitlines():
        study = [e["resource"] for e in json.loads(line)["entry"]
                 if e["resource"]["resourceType"] == "ImagingStudy"][0]
        uid = [i["value"] for i in study["identifier"]
               if i.get("system") == "urn:dicom:uid"]
        bundles[uid[0] if uid else ""] = line
    return done.returncode, bundles, done.stderr.decode()


def compare(folder):
    failures = 0
    for release in ("R4", "R5"):
        _, files, _ = export(release, folder)
        status, web, said = export(release, WEB)
        lines = [line for line in said.splitlines() if line.strip() and
                 not any(uid + ": is not there (status 404)" in line
                         for uid in REFUSED)]
        if lines or status > 1:
            failures += 1
            print("FAIL: orthanc: %s: exit %d: %s" % (release, status, said))
        for uid in sorted(set(files) | set(web)):
            if files.get(uid) == web.get(uid):
                continue
            bare = uid.replace("urn:oid:", "")
            known = KNOWN.get(bare)
            if bare in REFUSED and uid not in web:
                print("orthanc: %s: study %s: two patients have it, and it is "
                      "refused" % (release, uid))
                continue
            if known and uid in web:
                print("orthanc: %s: study %s: %s" % (release, uid, known))
                continue
            failures += 1
            print("FAIL: orthanc: %s: study %s is another" % (release, uid))
            if os.environ.get("SHOW"):
                print(files.get(uid), "\n", web.get(uid))
        print("orthanc: %s: %d studies compared" % (release, len(files)))
    return failures


def main():
    plugin()
    if not shutil.which("dump2dcm"):
        skip("dump2dcm is not installed (Debian: dcmtk)")
    in_own_network()
    with tempfile.TemporaryDirectory() as work:
        server = start(work)
        try:
            inside = os.path.join(work, "in")
            os.mkdir(inside)
            kept = stored(inside)
            print("orthanc: %d instances stored" % len(kept))
            failures = compare(inside) + (not kept)
        finally:
            server.terminate()
            server.wait(20)
    sys.exit(1 if failures else 0)


if __name__ == "__main__":
    main()
