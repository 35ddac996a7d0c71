#!/usr/bin/env python3
"""dcmfhird serves FHIR over Orthanc, which holds the cases and the examples: each
study is what dcm2fhir says of it by URL, R4 and R5, and the searches of SMART
Imaging Access find what they should, asked by curl and by a FHIR client of npm.
Then it serves the same files without Orthanc: each is what dcm2fhir says of them.

    serve.py [FOLDER]    what was answered goes to FOLDER/R4 and FOLDER/R5

DCM2FHIR, DCMFHIRD   the programs
DCMFHIR_CACHE        where what npm has is kept
ANSWERS_MOST         so many of each type of resource go there; all if not set
"""
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True
HERE = os.path.dirname(os.path.abspath(__file__))
TOP = os.path.dirname(os.path.dirname(HERE))
os.environ.setdefault("srcdir", TOP)
sys.path[:0] = [HERE, os.path.join(TOP, "tests", "dcmfhird")]
import daemon  # noqa: E402
from imaging import Answers, Client  # noqa: E402
from orthanc import REFUSED, export, stored  # noqa: E402
from orthanc_server import WEB, ask, in_own_network, plugin, skip, start  # noqa: E402
CLIENT = "fhir-kit-client@2.0.3"
CACHE = os.path.abspath(os.environ.get("DCMFHIR_CACHE", "interop-cache"))
REQUESTS = (
    # what else is answered, and with which status
    ("metadata", 200), ("ImagingStudy/2.25.31415926535897932384626433832795", 200),
    ("ImagingStudy/1.2.99", 404), ("Patient?name=x", 404),
    ("ImagingStudy?started=yesterday", 400), ("ImagingStudy?modality:not=CT", 400),
    ("metadata?_format=xml", 406), ("ImagingStudy?modality=none", 200),
    ("ImagingStudy?_summary=count", 200), ("ImagingStudy?_count=0&modality=CT", 200),
    ("ImagingStudy?_count=100&_include=ImagingStudy:endpoint&_include=ImagingStudy:subject"
     "&_include=ImagingStudy:basedon", 200))
kept = {"R4": {}, "R5": {}}
failures = 0


def fail(*words):
    global failures
    failures += 1
    print("FAIL: serve:", *words)


def npm_client():
    """Where the client is, which is fetched before there is no network."""
    folder = os.path.join(CACHE, "fhir-client")
    if not shutil.which("npm") or not shutil.which("node"):
        return None
    if not os.path.isdir(os.path.join(folder, "node_modules")):
        os.makedirs(folder, exist_ok=True)
        if subprocess.run(["npm", "install", "--silent", "--ignore-scripts", "--prefix",
                           folder, CLIENT], stdout=subprocess.DEVNULL,
                          stderr=subprocess.DEVNULL).returncode:
            return None
    return folder


def bare(resource):
    text = json.dumps({k: v for k, v in resource.items()
                       if k not in ("id", "meta", "endpoint")}, sort_keys=True)
    return re.sub('"reference": "[^#"]*"', '"reference": ""', text)


def all_studies(client, release):
    """By all pages."""
    found, target = {}, release + "/ImagingStudy?_count=50"
    while target:
        page = client.ask(target)
        if page.status != 200:
            fail(release, "a page is", page.status, page.body)
            break
        keep(release, page.json)
        for study in page.entries():
            if study["id"] in found:
                fail(release, study["id"], "is there twice")
            found[study["id"]] = study
        target = page.link("next")
    return found


def keep(release, resource):
    kept[release].setdefault(resource["resourceType"], []).append(resource)


def write_kept(folder):
    """Of each type, so many as are wanted, from all over what there is."""
    most = int(os.environ.get("ANSWERS_MOST") or 1000000)
    for release, kinds in kept.items():
        os.makedirs(os.path.join(folder, release), exist_ok=True)
        for kind, answers in kinds.items():
            wanted = min(most, len(answers))
            for i in range(wanted):
                name = "%s-%d.json" % (kind, i)
                with open(os.path.join(folder, release, name), "w") as out:
                    json.dump(answers[i * len(answers) // wanted], out)


def compare(client, release, source):
    _, bundles, _ = export(release, source)
    studies = all_studies(client, release)
    wanted = {}
    for uid, line in bundles.items():
        wanted[uid.replace("urn:oid:", "")] = next(
            e["resource"] for e in json.loads(line)["entry"]
            if e["resource"]["resourceType"] == "ImagingStudy")
    for uid in sorted((set(studies) | set(wanted)) - REFUSED):
        if uid not in studies or uid not in wanted:
            fail(release, uid, "is there" if uid in studies else "is not there")
        elif bare(studies[uid]) != bare(wanted[uid]):
            fail(release, uid, "is another")
    print("serve: %s: %d studies compared %s" % (
        release, len(studies), "over Orthanc" if source == WEB else "over what was taken in"))
    return studies


def references(value):
    if isinstance(value, list):
        return [r for v in value for r in references(v)]
    if not isinstance(value, dict):
        return []
    own = value.get("reference")
    return [own] * isinstance(own, str) + [r for v in value.values() for r in references(v)]


def resolve(client, release, studies):
    """Each reference leads somewhere."""
    leads = {r for s in studies.values() for r in references(s) if not r.startswith("#")}
    for reference in sorted(leads):
        answer = client.ask("%s/%s" % (release, reference))
        if answer.status != 200:
            fail(release, reference, "leads nowhere:", answer.status)
        else:
            keep(release, answer.json)
    print("serve: %s: %d references lead to what they say" % (release, len(leads)))


def curl(base, target):
    done = subprocess.run(["curl", "-sS", "--noproxy", "*", "-H",
                           "Accept: application/fhir+json", base + "/" + target],
                          stdout=subprocess.PIPE)
    return json.loads(done.stdout or b"{}")


def search_by_curl(base, release, studies, ehr):
    """As SMART Imaging Access has them; the patient is the EHR's."""
    uid = "2.25.31415926535897932384626433832795"
    for query in ("patient=p1", "patient=Patient/p1&_lastUpdated=gt2020-01-01",
                  "identifier=urn:oid:" + uid,
                  "patient=p1&_include=ImagingStudy:endpoint",
                  "patient=p1&started=ge2024-02-29&modality=CT"):
        bundle = curl(base, "ImagingStudy?" + query)
        keep(release, bundle)
        entries = bundle.get("entry", [])
        found = [e["resource"]["id"] for e in entries if e["search"]["mode"] == "match"]
        if found != [uid]:
            fail(release, query, "finds", found)
        points = [e["resource"].get("address") for e in entries
                  if e["search"]["mode"] == "include"]
        if points != ([WEB] if "_include" in query else []):
            fail(release, query, "includes", points)
    if "Patient/p1" not in ehr.asked:
        fail("the EHR was not asked")
    print("serve: %s: searched by curl" % release)


def page_through(client, release, studies):
    """What is searched for is what is looked for in all of them."""
    dated = {s["0020000D"]["Value"][0] for s in json.loads(ask(
        "/dicom-web/studies?limit=1000")) if s.get("00080020", {}).get("Value")}

    def has_modality(study, code):
        return code in json.dumps([s["modality"] for s in study["series"]])

    def is_from(study, begin, end):
        """Without a date of its own it is not found."""
        return study["id"] in dated and begin <= study.get("started", "") < end

    for query, fits in (("modality=CT", lambda s: has_modality(s, '"code": "CT"')),
                        ("started=ge2024-01-01", lambda s: is_from(s, "2024", "9")),
                        ("started=lt2024&modality=CT", lambda s: is_from(
                            s, "0", "2024") and has_modality(s, '"code": "CT"'))):
        found, target = [], "%s/ImagingStudy?_count=7&%s" % (release, query)
        while target and len(found) < 1000:
            page = client.ask(target)
            keep(release, page.json)
            found += page.ids()
            target = page.link("next")
        wanted = sorted(uid for uid, study in studies.items() if fits(study))
        if sorted(found) != wanted:
            fail(release, query, "finds", len(found), "of", len(wanted),
                 sorted(set(found) ^ set(wanted)))
        print("serve: %s: %d by %s" % (release, len(found), query))


def answer_others(client, release):
    for target, status in REQUESTS:
        answer = client.ask("%s/%s" % (release, target))
        keep(release, answer.json)
        if answer.status != status:
            fail(release, target, "is answered with", answer.status)


def search_by_npm(folder, base, release):
    if not folder:
        print("SKIP: serve: npm, or %s, is not to be had" % CLIENT)
        return
    done = subprocess.run(["node", os.path.join(HERE, "fhir-client.mjs"), folder, base],
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if done.returncode:
        fail(release, "the client of npm:", done.stdout)
    print("serve: %s: %s" % (release, done.stdout.strip().splitlines()[-1:]))


def patient_of_the_example(studies, client):
    study = studies["2.25.31415926535897932384626433832795"]
    patient = client.ask("R5/" + study["subject"]["reference"]).json
    return {"resourceType": "Patient", "id": "p1", "identifier": [
        {k: patient["identifier"][0][k] for k in ("system", "value")}]}


def judge(client, base, folder, ehr):
    studies = compare(client, "R5", WEB)
    ehr.at["Patient/p1"] = patient_of_the_example(studies, client)
    for release in ("R5", "R4"):
        if release == "R4":
            studies = compare(client, release, WEB)
        resolve(client, release, studies)
        page_through(client, release, studies)
        answer_others(client, release)
        search_by_curl("%s/fhir/%s" % (base, release), release, studies, ehr)
        search_by_npm(folder, "%s/fhir/%s" % (base, release), release)
    return len(studies)


def count_of(client):
    """By all pages, for a study of two patients has no part in a total."""
    count, target = 0, "R5/ImagingStudy?_count=100"
    while target:
        page = client.ask(target)
        count += len(page.ids())
        target = page.link("next")
    return count


def over_what_was_taken_in(inside, count):
    """Of its own folder, once all of it was quiet."""
    with daemon.Place() as place:
        place.configure(serve={"port": 0}, watch={"folder": inside, "quiet": 2})
        place.start()
        client = Client(place.port("serve"))
        daemon.wait_for("all studies", lambda: count_of(client) >= count, 60)
        for release in ("R4", "R5"):
            compare(client, release, inside)
        if place.end() != 0:
            fail("it does not end well")


def main():
    plugin()
    if not os.access(daemon.DCMFHIRD, os.X_OK):
        skip("dcmfhird is not built")
    folder = npm_client() if not os.environ.get("OWN_NETWORK") else \
        os.path.join(CACHE, "fhir-client")
    in_own_network()
    with tempfile.TemporaryDirectory() as work, daemon.Place() as place:
        orthanc = start(work)
        ehr = Answers({})
        try:
            inside = os.path.join(work, "in")
            os.mkdir(inside)
            stored(inside)
            place.configure(serve={"port": 0, "dicomweb": WEB, "patients": ehr.base,
                                   "timeout": 60})
            place.start()
            client = Client(place.port("serve"))
            count = judge(client, client.base,
                          folder if os.path.isdir(folder or "") else None, ehr)
            if place.end() != 0:
                fail("it does not end well")
            over_what_was_taken_in(inside, count)
        finally:
            orthanc.terminate()
            orthanc.wait(20)
    if len(sys.argv) > 1:
        write_kept(sys.argv[1])
    sys.exit(1 if failures else 0)


if __name__ == "__main__":
    main()
