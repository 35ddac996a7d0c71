#!/usr/bin/python3
"""check-report.py REPORT FILE...: does a report hold a value of a person?

Every text of the patient's and other people's attributes in the DICOM files is
looked for in the report, but in the names of the files.
"""
import json
import os
import sys
import warnings

import pydicom

ATTRIBUTES = """PatientName PatientID IssuerOfPatientID PatientBirthDate
PatientBirthTime OtherPatientIDsSequence PatientAddress
PatientTelephoneNumbers EthnicGroup PatientComments ReferringPhysicianName
PerformingPhysicianName OperatorsName AccessionNumber""".split()

SHORTEST = 4  # "12" is in any text, and so is a word like "name"


def texts_of(dataset):
    for keyword in ATTRIBUTES:
        if keyword not in dataset:
            continue
        element = dataset[keyword]
        if element.VR == "SQ":
            for item in element.value:
                yield from texts_of(item)
            continue
        values = element.value if element.VM > 1 else [element.value]
        for value in values:
            for group in str(value or "").split("="):
                yield from (part.strip() for part in group.split("^"))
                yield group.strip()


def main(report, files):
    with open(report, encoding="utf-8") as stream:
        text = stream.read()
    json.loads(text)
    for path in files:
        text = text.replace(path, "").replace(os.path.basename(path), "")
    found = looked = 0
    for path in files:
        try:
            dataset = pydicom.dcmread(path, force=True,
                                      stop_before_pixels=True)
            wanted = {one for one in texts_of(dataset)
                      if len(one) >= SHORTEST and not one.islower()}
        except Exception:  # what pydicom cannot read has no values here
            continue
        looked += len(wanted)
        for one in wanted:
            if one in text:
                print(f"{path}: a value of it is in the report")
                found += 1
    print(f"{looked} values looked for, {found} found")
    return 1 if found or not looked else 0


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    sys.exit(main(sys.argv[1], sys.argv[2:]))
