#!/usr/bin/python3
"""What others wrote, onto datasets: each element is in the header or is told.

    examples.py CACHE [PACKAGE...]

Takes every Patient, ServiceRequest, ImagingStudy, Observation, Practitioner and
Specimen among the examples of the packages that fetch-definitions put below
CACHE (all of packages-examples.txt, if none is named).  Each is stamped onto a
dataset that is its study's, and a header is rebuilt of it and of a study of one
instance.  For both runs:

  - the exit status is 0 or 1;
  - dciodvfy names no Error in the stamped dataset that it did not name before;
  - each value of the resource is in the header or told of in the report, but
    what NEED_NOT names, with the reason.

FHIR2DCM         the tool; ./fhir2dcm if not set
DCMFHIR_RULES    the rules; rules.yaml of the source tree if not set
EXAMPLES_EVERY   each so many of them, 1 if not set
EXAMPLES_SHOW    the name of one: its Bundle, report and header are shown

The last line counts resources, and values written, told, and neither.  Exit
status 1 if there is any of these, 77 if pydicom is missing.
"""
import collections
import concurrent.futures
import datetime
import decimal
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile

try:
    import pydicom
except ImportError:
    print("SKIP: pydicom is not installed")
    sys.exit(77)

TYPES = ("Patient", "ServiceRequest", "ImagingStudy", "Observation",
         "Practitioner", "Specimen")
# What the packages hold besides examples.
DEFINITIONS = ("package.json", "StructureDefinition-", "ValueSet-",
               "CodeSystem-", "SearchParameter-", "OperationDefinition-",
               "ConceptMap-", "CapabilityStatement-", "ImplementationGuide-",
               "CompartmentDefinition-", "NamingSystem-")
BASE = "https://example.org/fhir"
STUDY, SERIES, INSTANCE = "1.2.840.99.1", "1.2.840.99.2", "1.2.840.99.3"
CT = "1.2.840.10008.5.1.4.1.1.2"
MICROSCOPIC = "1.2.840.10008.5.1.4.1.1.77.1.2"
DCM = "http://dicom.nema.org/resources/ontology/DCM"

# Values that are neither written nor told: a pattern of their paths, and why.
NEED_NOT = [
    (r"^\w+\.(id|meta|language|text|resourceType)\b", "the frame of a resource"),
    (r"(^|\.)(_?id)$", "what other elements are referred to by"),
    (r"\.reference$", "leads to what the Bundle holds, or is told as a whole"),
    (r"^\w+\.(subject|patient)\.(type|display)$",
     "of the patient, whose own name is believed"),
    (r"^\w+\.(subject|patient)\.identifier\b", "matches the patient"),
    (r"^Observation\.(status|category)\b", "makes it one that is read"),
    (r"^Observation\.code\b", "makes it a weight, a height or an age"),
    (r"^Observation\.(effective\w+)\b", "the study's day, by which it is chosen"),
    (r"^Observation\.value\w+\.(unit|system|code)$",
     "the unit, in which the header is converted"),
    (r"^(ServiceRequest|ImagingStudy|Specimen)\.(status|intent|doNotPerform)$",
     "what it may be to be read at all"),
    (r"\.identifier\.type\b", "says which number it is"),
    (r"^ImagingStudy\.series\.instance\.sopClass\.system$", "always the same"),
    (r"^ImagingStudy(\.series)?\.(numberOfInstances|numberOfSeries)$",
     "counted of what is there"),
    (r"^ImagingStudy\.modality\b", "that of the series, gathered"),
    (r"^ImagingStudy\.series\.performer\.function\b",
     "says whether he performs or operates"),
    (r"^ImagingStudy\.identifier\.system$", "says which number it is"),
    (r"^ImagingStudy\.basedOn\.type$", "what the reference leads to"),
    (r"^\w+\.telecom\.system$", "says that it is a telephone"),
    (r"^ImagingStudy\.(series\.)?(modality|laterality)\.(concept\.)?(coding\.)?"
     r"(system|version|display|userSelected)$", "of the code that is written"),
    (r"^ImagingStudy\.series\.bodySite\.(concept\.)?(coding\.)?"
     r"(system|version|display)$", "of the code that is written"),
]

# What is in the header in other words.
WORDS = {
    "male": "M", "female": "F", "other": "O",
    "http://loinc.org": "LN", "http://snomed.info/sct": "SCT",
    "http://unitsofmeasure.org": "UCUM", DCM: "DCM",
    "24028007": "R", "7771000": "L", "419465000": "R", "419161000": "L",
    "51440002": "B", "67734004": "UPPERTRUNK", "80891009": "HEART",
    "http://www.radlex.org": "RADLEX",
}
FACTORS = {"kg": "1", "g": "0.001", "[lb_av]": "0.45359237",
           "cm": "0.01", "m": "1", "[in_i]": "0.0254", "mm": "0.001"}

# EthnicGroupCodeSequence and EthnicGroups are of PS3.6 2025a; dciodvfy of Debian
# is of 2022.
YOUNGER = re.compile(r"not a recognized standard attribute - "
                     r"\(0x0010,0x216[12]\)")

# Texts of the report that speak of one of several elements, whole.
WHOLE = re.compile("not the current one|has no room for this one|a further name|"
                   "leads to nothing")
PERIOD = re.compile("use, period or text of it")
MEMBER = re.compile(r"^[A-Z]\w+\.([\w.]+) ")


# ---- the examples -----------------------------------------------------------


def resources_of(folder):
    """(name, resource) of each file of examples, those of Bundles too."""
    seen = set()
    for top, folders, names in os.walk(folder):
        folders.sort()
        for name in sorted(names):
            if not name.endswith(".json") or name.startswith(DEFINITIONS):
                continue
            with open(os.path.join(top, name), "rb") as stream:
                text = stream.read()
            if not any(kind.encode() in text for kind in TYPES):
                continue
            resource = json.loads(text)
            if not isinstance(resource, dict):
                continue
            inside = [resource]
            if resource.get("resourceType") == "Bundle":
                inside = [entry.get("resource", {})
                          for entry in resource.get("entry", [])]
            for number, one in enumerate(inside):
                key = json.dumps(one, sort_keys=True)
                if key not in seen:
                    seen.add(key)
                    yield f"{name}#{number}" if len(inside) > 1 else name, one


def release_of(folder):
    with open(os.path.join(folder, "package.json"), encoding="utf-8") as stream:
        versions = json.load(stream).get("fhirVersions", ["4.0.1"])
    return "R5" if versions[0].startswith("5") else "R4"


# ---- a Bundle of it ---------------------------------------------------------


def references_in(value):
    if isinstance(value, dict):
        if isinstance(value.get("reference"), str):
            yield value["reference"]
        for member in value.values():
            yield from references_in(member)
    elif isinstance(value, list):
        for member in value:
            yield from references_in(member)


def concept(release, coding):
    return {"coding": [coding]} if release == "R5" else coding


def study_of(release, resource, uids, sop_class, patient):
    """A study of one instance to which the resource belongs."""
    reference = {"reference": f"{resource['resourceType']}/{resource['id']}"}
    series = {"uid": uids[1],
              "modality": concept(release, {"system": DCM, "code": "CT"}),
              "instance": [{"uid": uids[2], "sopClass": {
                  "system": "urn:ietf:rfc:3986",
                  "code": "urn:oid:" + sop_class}}]}
    study = {"resourceType": "ImagingStudy", "id": "the-study",
             "status": "available", "subject": {"reference": patient},
             "identifier": [{"system": "urn:dicom:uid",
                             "value": "urn:oid:" + uids[0]}],
             "series": [series]}
    if resource["resourceType"] == "ServiceRequest":
        study["basedOn"] = [reference]
    elif resource["resourceType"] == "Practitioner":
        study["referrer"] = reference
    elif resource["resourceType"] == "Specimen":
        series["specimen"] = [reference]
    return study


def bundle_of(release, resource, others, uids, sop_class):
    """The resource, its patient and study, and what it refers to."""
    kind = resource["resourceType"]
    subject = resource.get("subject", resource.get("patient", {}))
    patient = subject.get("reference", "Patient/the-patient")
    if kind == "Patient":
        patient = f"Patient/{resource['id']}"
    entries = [resource]
    if kind != "ImagingStudy":
        entries.append(study_of(release, resource, uids, sop_class,
                                patient if patient.startswith("Patient/")
                                else "Patient/the-patient"))
    if kind != "Patient" and not patient.startswith("#"):
        name = patient if patient.startswith("Patient/") \
            else "Patient/the-patient"
        entries.append({"resourceType": "Patient", "id": name[8:],
                        "identifier": [{"value": "4711"}]})
    for reference in sorted(set(references_in(resource))):
        other = others.get(reference)
        if other and other["resourceType"] not in (kind, "Patient", "Bundle"):
            entries.append(other)
    return {"resourceType": "Bundle", "type": "collection", "entry": [
        {"fullUrl": f"{BASE}/{one['resourceType']}/{one['id']}",
         "resource": one} for one in entries]}


# ---- a dataset of it --------------------------------------------------------


def uids_of(resource):
    """(study, series, instance, SOP class) of an ImagingStudy, or ours."""
    series = (resource.get("series") or [{}])[0]
    instance = (series.get("instance") or [{}])[0]
    study = next((one["value"] for one in resource.get("identifier", [])
                  if one.get("value", "").startswith("urn:oid:")
                  and resource["resourceType"] == "ImagingStudy"), STUDY)
    sop_class = instance.get("sopClass", {}).get("code", CT)
    return ((study.replace("urn:oid:", ""), series.get("uid", SERIES),
             instance.get("uid", INSTANCE)), sop_class.replace("urn:oid:", ""))


def day_of(resource):
    """That of an Observation."""
    for name in ("effectiveDateTime", "effectiveInstant"):
        if len(resource.get(name, "")) >= 10:
            return resource[name][:10].replace("-", "")
    return resource.get("effectivePeriod", {}).get(
        "start", "2024-02-29")[:10].replace("-", "")


def dataset_of(resource, uids, sop_class, path):
    dataset = pydicom.Dataset()
    dataset.SpecificCharacterSet = "ISO_IR 192"
    dataset.SOPClassUID, dataset.SOPInstanceUID = sop_class, uids[2]
    dataset.StudyInstanceUID, dataset.SeriesInstanceUID = uids[0], uids[1]
    for name in ("PatientName", "PatientID", "PatientBirthDate", "PatientSex",
                 "StudyTime", "StudyID", "AccessionNumber", "Manufacturer",
                 "ReferringPhysicianName", "SeriesNumber", "InstanceNumber"):
        setattr(dataset, name, "")
    dataset.StudyDate = day_of(resource)
    dataset.Modality = "CT"
    dataset.InstitutionName = "Acme Hospital"
    if resource["resourceType"] == "Specimen":
        dataset.Modality = "GM"
        dataset.ContainerIdentifier = "C1"
    dataset.Rows = dataset.Columns = 1
    dataset.SamplesPerPixel, dataset.PixelRepresentation = 1, 0
    dataset.PhotometricInterpretation = "MONOCHROME2"
    dataset.BitsAllocated = dataset.BitsStored = 16
    dataset.HighBit = 15
    dataset.add_new(0x7FE00010, "OW", b"\0\0")
    meta = pydicom.dataset.FileMetaDataset()
    meta.MediaStorageSOPClassUID = sop_class
    meta.MediaStorageSOPInstanceUID = uids[2]
    meta.TransferSyntaxUID = pydicom.uid.ExplicitVRLittleEndian
    dataset.file_meta = meta
    dataset.is_little_endian, dataset.is_implicit_VR = True, False
    dataset.save_as(path, write_like_original=False)


# ---- values -----------------------------------------------------------------


def leaves(value, path, element):
    """(path, the array element it is in, value) of each primitive.  Extensions
    are named as FHIRPath does, those of primitives by the element's name."""
    if isinstance(value, list):
        for number, member in enumerate(value):
            yield from leaves(member, path, element or (path, number))
    elif isinstance(value, dict):
        for name, member in value.items():
            if name == "extension":
                for one in member:
                    yield from leaves(
                        {k: v for k, v in one.items() if k != "url"} or
                        {"url": one.get("url")},
                        f"{path}.extension('{one.get('url')}')", element)
            else:
                yield from leaves(member, f"{path}.{name.lstrip('_')}",
                                  element)
    elif value is not None:
        yield path, element, value


def atoms_of(dataset):
    """Each text of the header, whole and in its parts."""
    for element in dataset:
        if element.VR == "SQ":
            for item in element.value:
                yield from atoms_of(item)
        elif element.value is not None and element.VR not in ("OW", "OB"):
            values = element.value
            if not isinstance(values, (list, pydicom.multival.MultiValue)):
                values = [values]
            for value in values:
                text = str(value)
                yield text
                if element.VR == "PN":
                    for group in text.split("="):
                        yield group
                        for part in group.split("^"):
                            yield part
                            yield from part.split(" ")


def forms_of(value, resource, path):
    """How a FHIR value can stand in a header."""
    text = str(value)
    yield text
    yield text.strip()
    yield " ".join(text.split())
    yield text.split("urn:oid:")[-1].split("urn:uuid:")[-1]
    yield WORDS.get(text, text)
    if len(text) > 64:
        yield text[:64].rstrip()
    date = re.match(r"(\d{4})-(\d\d)-(\d\d)(?:T(\d\d):(\d\d)(?::(\d\d))?)?", text)
    if date:
        yield "".join(date.groups()[:3])
        if date.group(4):
            yield "".join(part or "" for part in date.groups()[3:])
    if isinstance(value, (int, decimal.Decimal)) and "value" in path:
        unit = resource.get("valueQuantity", {}).get("code", "kg")
        number = value * decimal.Decimal(FACTORS.get(unit, "1"))
        yield number
    if text.startswith("http") and "coding" in path:
        yield "99"  # a designator of our own, which the dataset explains


def is_written(value, resource, path, atoms, numbers):
    for form in forms_of(value, resource, path):
        if isinstance(form, decimal.Decimal):
            if any(abs(form - one) <= abs(form) / 10**9 for one in numbers):
                return True
        elif form and form in atoms:
            return True
    return False


def numbers_of(dataset):
    for element in dataset:
        if element.VR in ("DS", "IS") and element.value not in (None, ""):
            for one in str(element.value).split("\\"):
                try:
                    yield decimal.Decimal(one)
                except decimal.InvalidOperation:
                    pass


# ---- what is told -----------------------------------------------------------


def issues_of(report):
    for issue in report.get("issue", []):
        text = issue.get("diagnostics", "")
        text = re.sub(r"^[\w ]+: (rule \S+, \S+: )?", "", text)
        for expression in issue.get("expression", [""]):
            yield re.sub(r"\.where\(.*\)$", "", expression), text


def is_told(path, whole_too, issues):
    for expression, text in issues:
        if not (path == expression or path.startswith(expression + ".")):
            continue
        rest = path[len(expression):]
        member = MEMBER.match(text)
        if PERIOD.match(text):
            if re.match(r"\.(use|period|text|type\.text|rank)\b", rest):
                return True
        elif member:
            if ("." + member.group(1)) in rest:
                return True
        elif whole_too or not WHOLE.search(text):
            return True
        elif "." not in expression:
            return True
    return False


def need_not(path):
    return any(re.search(pattern, path) for pattern, _ in NEED_NOT)


def used_elements(all_leaves, written):
    """Of each array the elements of which the header has the most: what is
    said of one of several is said of another one."""
    values = collections.Counter(
        element for (_, element, _), one in zip(all_leaves, written) if one)
    most = collections.Counter()
    for (path, number), count in (pair for pair in values.items() if pair[0]):
        most[path] = max(most[path], count)
    return {element for element, count in values.items()
            if element and 2 * count > most[element[0]]}


def of_the_instance(resource):
    """A study as it is of its first instance, which is the dataset's."""
    if not resource.get("series"):
        return resource
    first = dict(resource["series"][0])
    first["instance"] = first.get("instance", [])[:1]
    return {**resource, "series": [first]}


def judge(resource, header, report):
    """Counter of written and told, and the paths of what is neither."""
    counts, neither = collections.Counter(), []
    atoms, numbers = set(), []
    for dataset in header:
        atoms |= set(atoms_of(dataset))
        numbers += numbers_of(dataset)
    issues = list(issues_of(report))
    all_leaves = [leaf for leaf in leaves(resource, resource["resourceType"],
                                          None)
                  if ".contained" not in leaf[0] and not need_not(leaf[0])]
    written = [is_written(value, resource, path, atoms, numbers)
               for path, _, value in all_leaves]
    used = used_elements(all_leaves, written)
    for (path, element, value), one in zip(all_leaves, written):
        if one:
            counts["written"] += 1
        elif is_told(path, element not in used, issues):
            counts["told"] += 1
        else:
            neither.append(path)
    return counts, neither


# ---- one example ------------------------------------------------------------


def errors_of(path):
    run = subprocess.run(["dciodvfy", path], capture_output=True, check=False)
    return {line for line in
            (run.stdout + run.stderr).decode("latin-1").split("\n")
            if line.startswith("Error") and not YOUNGER.search(line)}


class Judge:
    def __init__(self, folder):
        here = os.path.dirname(os.path.abspath(__file__))
        self.folder = folder
        self.tool = os.path.abspath(os.environ.get("FHIR2DCM", "./fhir2dcm"))
        self.rules = os.environ.get("DCMFHIR_RULES") or os.path.join(
            here, "..", "..", "rules.yaml")
        self.dciodvfy = shutil.which("dciodvfy")
        self.show = os.environ.get("EXAMPLES_SHOW")

    def run(self, release, work, *rest):
        report = os.path.join(work, "report.json")
        run = subprocess.run(
            [self.tool, "-q", "-r", release, "--rules", self.rules, "-b",
             os.path.join(work, "bundle.json"), "--report", report, *rest],
            capture_output=True, timeout=60, check=False)
        faults = []
        if run.returncode not in (0, 1):
            faults.append(f"exit status {run.returncode}: "
                          f"{run.stderr.decode()[:300]}")
        try:
            with open(report, encoding="utf-8") as stream:
                return faults, json.load(stream)
        except (OSError, ValueError) as error:
            return faults + [f"no report: {error}"], {}

    def one(self, job):
        number, release, name, resource, others = job
        work = os.path.join(self.folder, str(number))
        os.mkdir(work)
        uids, sop_class = uids_of(resource)
        if resource["resourceType"] == "Specimen":
            sop_class = MICROSCOPIC
        bundle = bundle_of(release, resource, others, uids, sop_class)
        with open(os.path.join(work, "bundle.json"), "w",
                  encoding="utf-8") as out:
            json.dump(bundle, out, default=float)
        source = os.path.join(work, "in.dcm")
        dataset_of(resource, uids, sop_class, source)
        counts, faults = collections.Counter(), []
        for way in ("stamped", "rebuilt"):
            more, headers, report = self.way(way, release, work, source)
            faults += [f"{way}: {fault}" for fault in more]
            judged = of_the_instance(resource) if way == "stamped" else resource
            more, neither = judge(judged, headers, report)
            counts += more
            counts["neither"] += len(neither)
            faults += [f"{way}: neither written nor told: {path}"
                       for path in sorted(set(neither))]
            if self.show and self.show in name:
                print(name, way, json.dumps(resource, default=float, indent=1),
                      *issues_of(report), *headers, sep="\n")
        return counts, [f"{name}: {fault}" for fault in faults]

    def way(self, way, release, work, source):
        if way == "rebuilt":
            target = os.path.join(work, "rebuilt")
            faults, report = self.run(release, work, "-o", target)
            paths = [os.path.join(target, name) for name in
                     sorted(os.listdir(target))] \
                if os.path.isdir(target) else []
            return faults, [pydicom.dcmread(path) for path in paths], report
        target = os.path.join(work, "stamped.dcm")
        faults, report = self.run(release, work, "-o", target, source)
        if not os.path.exists(target):
            return faults, [], report
        if self.dciodvfy:
            faults += sorted(errors_of(target) - errors_of(source))
        return faults, [pydicom.dcmread(target)], report


# ---- all --------------------------------------------------------------------


def jobs_of(cache, packages, every):
    number = 0
    for package in packages:
        folder = os.path.join(cache, "node_modules", package)
        release = release_of(folder)
        all_of_it = [(name, one) for name, one in resources_of(folder)
                     if isinstance(one.get("id"), str)]
        others = {f"{one['resourceType']}/{one['id']}": one
                  for _, one in all_of_it if "resourceType" in one}
        for name, one in all_of_it:
            if one.get("resourceType") not in TYPES:
                continue
            number += 1
            if number % every == 0:
                yield number, release, f"{package} {name}", one, others


def packages_of(here):
    with open(os.path.join(here, "packages-examples.txt"),
              encoding="utf-8") as lines:
        return [line.split()[0].rpartition("@")[0] for line in lines
                if line.strip() and not line.startswith("#")]


def main(cache, *packages):
    every = int(os.environ.get("EXAMPLES_EVERY") or 1)
    here = os.path.dirname(os.path.abspath(__file__))
    counts, faults, resources = collections.Counter(), [], 0
    with tempfile.TemporaryDirectory() as folder:
        judge_of_all = Judge(folder)
        jobs = jobs_of(cache, packages or packages_of(here), every)
        with concurrent.futures.ThreadPoolExecutor(2) as pool:
            for more, wrong in pool.map(judge_of_all.one, jobs):
                resources += 1
                counts += more
                faults += wrong
    for fault in faults:
        print(fault)
    print(f"examples: {resources} resources; {counts['written']} values "
          f"written, {counts['told']} told, {counts['neither']} neither")
    return 1 if faults or not resources else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
