#!/usr/bin/env python3
"""examples/pacs-correction with Orthanc and fhir-router: studies of a PACS go to
a FHIR server, a patient is corrected there, and the PACS has that; by pydicom
nothing else of its files is another, and they keep what was there before.

Exits with 77, and says why, where one of them is not there (orthanc_server.py).

DCM2FHIR, FHIR2DCM   the tools
DCMFHIR_CACHE        where fhir-router is kept
"""
import glob
import io
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request

sys.dont_write_bytecode = True
HERE = os.path.dirname(os.path.abspath(__file__))
TOP = os.path.dirname(os.path.dirname(HERE))
sys.path.insert(0, HERE)
from orthanc_server import WEB, ask, in_own_network, plugin, skip, start  # noqa: E402

try:
    import pydicom
except ImportError:
    skip("pydicom is not installed (Debian: python3-pydicom)")

EXAMPLE = os.path.join(TOP, "examples", "pacs-correction")
CACHE = os.path.abspath(os.environ.get("DCMFHIR_CACHE", "interop-cache"))
CHANGED = {0x00100010, 0x00080015, 0x04000561}
# The report is of the order of the images, which say the reason for it.
OF_REPORTS = {0x0040a370}
failures = 0


def check(what, is_so, detail=""):
    global failures
    if not is_so:
        failures += 1
        print("FAIL: correction: %s: %s" % (what, str(detail)[:600]))


def fetch_router():
    """Before the network is one of its own."""
    folder = os.path.join(CACHE, "fhir-router")
    if not shutil.which("node"):
        skip("node is not installed")
    done = subprocess.run(
        [os.path.join(HERE, "fetch-definitions"), folder,
         os.path.join(HERE, "packages-fhir-router.txt")],
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    if done.returncode:
        skip("fhir-router: " + done.stdout.decode().strip()[-200:])
    return folder


def start_router(folder, release, log):
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port = one.getsockname()[1]
    router = subprocess.Popen(
        ["node", "--experimental-websocket",
         os.path.join(HERE, "fhir-router.mjs"), release, str(port)],
        cwd=folder, stdout=log, stderr=log)
    base = "http://127.0.0.1:%d/fhir" % port
    for _ in range(600):
        try:
            fhir(base, "metadata")
            return router, base
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
    router.terminate()
    skip("fhir-router does not answer")


def fhir(base, target, resource=None):
    request = urllib.request.Request(
        base + "/" + target, json.dumps(resource).encode() if resource else
        None, {"Content-Type": "application/fhir+json"},
        method="PUT" if resource else "GET")
    with urllib.request.urlopen(request, timeout=60) as answer:
        return json.load(answer)


def example(release, folder, *words):
    """The tools by their names."""
    done = subprocess.run(
        [sys.executable, EXAMPLE, *words], stdout=subprocess.PIPE,
        stderr=subprocess.PIPE, timeout=300, env=dict(
            os.environ, RELEASE=release,
            PATH=folder + os.pathsep + os.environ["PATH"]))
    return done.returncode, done.stdout.decode(), done.stderr.decode()


def held():
    """What the PACS has, by SOP Instance UID."""
    found = {}
    for one in json.loads(ask("/instances")):
        dataset = pydicom.dcmread(io.BytesIO(
            ask("/instances/%s/file" % one)))
        found[dataset.SOPInstanceUID] = dataset
    return found


def differences(before, after):
    return {int(e.tag) for e in before if e.tag not in after or
            after[e.tag] != e} | {int(e.tag) for e in after
                                  if e.tag not in before}


def correct(base):
    """One patient, of another name."""
    patients = [e["resource"] for e in fhir(base, "Patient")["entry"]]
    check("patients", len(patients) == 1, patients)
    patient = dict(patients[0], name=[{"family": "Corrected",
                                       "given": ["Jane"]}])
    fhir(base, "Patient/" + patient["id"], patient)


def judge(release, base, tools):
    for path in glob.glob(os.path.join(TOP, "examples/study/*.dcm")):
        with open(path, "rb") as file:
            ask("/instances", file.read())
    before = held()
    study = next(iter(before.values())).StudyInstanceUID
    got = example(release, tools, "export", WEB, base, study)
    check("export", got[0] == 0, got)
    endpoint = fhir(base, "Endpoint").get("entry", [])
    check("endpoint", len(endpoint) == 1 and
          endpoint[0]["resource"]["address"] == WEB, endpoint)
    correct(base)
    got = example(release, tools, "show", WEB, base, study)
    check("show", got[0] == 0 and got[1].count("+(0010,0010)") == 3, got)
    check("show", held() == before, "something is stored")
    got = example(release, tools, "store", WEB, base, study)
    check("store", got[0] == 0, got)
    after = held()
    check("instances", set(after) == set(before), sorted(after))
    for uid, was in before.items():
        now = after[uid]
        check("name", now.PatientName == "Corrected^Jane", now.PatientName)
        more = OF_REPORTS if was.Modality == "SR" else set()
        check("nothing else", differences(was, now) <= CHANGED | more,
              ["%08x" % t for t in differences(was, now)])
        kept = now.get("OriginalAttributesSequence") or []
        check("what was there", kept and kept[-1].ModifiedAttributesSequence[
            0].PatientName == was.PatientName, uid)
    got = example(release, tools, "store", WEB, base, study)
    check("again", got[0] == 0 and "0 stamped, 3 unchanged" in got[2], got)


def main():
    plugin()
    os.environ["no_proxy"] = "127.0.0.1"
    os.environ.setdefault("DCMFHIR_RULES", os.path.join(TOP, "rules.yaml"))
    router_folder = os.path.join(CACHE, "fhir-router")
    if not os.environ.get("OWN_NETWORK"):
        fetch_router()
    in_own_network()
    with tempfile.TemporaryDirectory() as work:
        for name in ("dcm2fhir", "fhir2dcm"):
            os.symlink(os.path.abspath(os.environ.get(
                name.upper(), "./" + name)), os.path.join(work, name))
        for release in ("R4", "R5"):
            folder = os.path.join(work, release)
            os.mkdir(folder)
            with open(os.path.join(folder, "router"), "wb") as log:
                server = start(folder, OverwriteInstances=True)
                router, base = start_router(router_folder, release, log)
                try:
                    judge(release, base, work)
                finally:
                    router.terminate()
                    server.terminate()
                    router.wait(20)
                    server.wait(20)
            print("correction: %s: PACS, FHIR server and PACS again, "
                  "%d failures" % (release, failures))
    sys.exit(1 if failures else 0)


main()
