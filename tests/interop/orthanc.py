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
import time
import urllib.error
import urllib.request

HERE = os.path.dirname(os.path.abspath(__file__))
TOP = os.path.dirname(os.path.dirname(HERE))
DCM2FHIR = os.path.abspath(os.environ.get("DCM2FHIR", "./dcm2fhir"))
PLUGINS = ("/usr/share/orthanc/plugins/libOrthancDicomWeb.so",
           "/usr/lib/orthanc/libOrthancDicomWeb.so")
BASE = "http://127.0.0.1:8042"
MOST = 60  # instances
# What Orthanc 1.10 gives back otherwise than it got it, by study.
KNOWN = {
    "1.2.840.99.197.1": "an empty item at the end of a sequence is left out",
    "1.2.840.99.201.1": "a DS is a number, without its own digits",
    "1.2.840.99.201.2": "a DS is a number, without its own digits",
    "1.2.840.99.202.1": "a DS is a number, without its own digits",
    "2.25.31415926535897932384626433832795":
        "a DS of 1.82 is the number 1.8200000000000001",
}


def skip(why):
    print("SKIP: orthanc: %s" % why)
    sys.exit(77)


def in_own_network():
    if os.environ.get("OWN_NETWORK"):
        return
    if not shutil.which("unshare") or subprocess.run(
            ["unshare", "-n", "true"], stderr=subprocess.DEVNULL).returncode:
        skip("no network of its own can be made")
    os.environ["OWN_NETWORK"] = "1"
    os.execvp("unshare", ["unshare", "-n", "sh", "-c",
                          'ip link set lo up && exec "$@"', "sh",
                          sys.executable, os.path.abspath(__file__)])


def ask(path, body=None):
    with urllib.request.urlopen(BASE + path, body, timeout=30) as answer:
        return answer.read()


def start(folder, plugin):
    config = os.path.join(folder, "orthanc.json")
    with open(config, "w", encoding="utf-8") as out:
        json.dump({
            "Name": "test", "StorageDirectory": os.path.join(folder, "db"),
            "IndexDirectory": os.path.join(folder, "db"), "HttpPort": 8042,
            "DicomPort": 4242, "RemoteAccessAllowed": False,
            "AuthenticationEnabled": False, "DicomAlwaysAllowStore": True,
            "SyncStorageArea": False, "Plugins": [plugin],
            "DicomWeb": {"Enable": True, "Root": "/dicom-web/",
                         "StudiesMetadata": "Full",
                         "SeriesMetadata": "Full"}}, out)
    log = open(os.path.join(folder, "log"), "wb")
    server = subprocess.Popen(["Orthanc", config], stdout=log, stderr=log,
                              env=dict(os.environ, TCP_NODELAY="1"))
    for _ in range(100):
        try:
            ask("/dicom-web/studies?limit=1")
            return server
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
    server.terminate()
    skip("it does not answer")


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
        status, web, said = export(release, BASE + "/dicom-web")
        if status:
            failures += 1
            print("FAIL: orthanc: %s: exit %d: %s" % (release, status, said))
        for uid in sorted(set(files) | set(web)):
            if files.get(uid) == web.get(uid):
                continue
            known = KNOWN.get(uid.replace("urn:oid:", ""))
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
    plugin = next((p for p in PLUGINS if os.path.exists(p)), None)
    if not shutil.which("Orthanc") or not plugin:
        skip("Orthanc with DICOMweb is not installed (Debian: orthanc and "
             "orthanc-dicomweb)")
    if not shutil.which("dump2dcm"):
        skip("dump2dcm is not installed (Debian: dcmtk)")
    in_own_network()
    with tempfile.TemporaryDirectory() as work:
        server = start(work, plugin)
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


main()
