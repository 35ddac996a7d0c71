#!/usr/bin/python3
"""Can compare.py fail?  Pairs of small files, equal but for one thing."""
import contextlib
import copy
import io
import logging
import os
import sys
import tempfile
import unittest
import warnings

import pydicom
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.sequence import Sequence
from pydicom.uid import ExplicitVRLittleEndian

sys.dont_write_bytecode = True
import compare  # noqa: E402

HERE = os.path.dirname(os.path.abspath(__file__))
ATTRIBUTES = os.path.join(HERE, "mapped-attributes.txt")


def code(value):
    item = Dataset()
    item.CodeValue = value
    item.CodingSchemeDesignator = "SCT"
    item.CodeMeaning = "Größe"
    return item


def original():
    header = Dataset()
    header.SpecificCharacterSet = "ISO_IR 100"
    header.SOPClassUID = "1.2.840.10008.5.1.4.1.1.2"
    header.SOPInstanceUID = "1.2.3.4"
    header.ImageType = ["ORIGINAL", "PRIMARY"]
    header.PatientName = "Müller^Jörg"
    header.PatientWeight = "72.50"
    header.StudyTime = "0708"
    header.StudyDescription = ""
    header.ProcedureCodeSequence = Sequence([code("1"), code("2")])
    request = Dataset()
    request.RequestedProcedureID = "RP 1"
    header.RequestAttributesSequence = Sequence([request])
    return header


def to_utf8(header):
    header.SpecificCharacterSet = "ISO_IR 192"


def second_request(header):
    item = Dataset()
    item.RequestedProcedureID = "RP 2"
    header.RequestAttributesSequence.append(item)


# (what is done to the copy, the line that is expected or None)
CASES = [
    (lambda h: None, None),
    (to_utf8, None),
    (lambda h: setattr(h, "StudyTime", "0708 "), None),
    (lambda h: setattr(h, "Manufacturer", "not mapped"), None),
    (lambda h: setattr(h, "StudyTime", "070800"), "StudyTime: changed"),
    (lambda h: setattr(h, "PatientWeight", "72.5"), "PatientWeight: changed"),
    (lambda h: setattr(h, "PatientName", "Muller^Jorg"),
     "PatientName: changed"),
    (lambda h: setattr(h, "ImageType", ["ORIGINAL", "PRIMARY", "AXIAL"]),
     "ImageType: changed"),
    (lambda h: setattr(h, "PatientID", ""), "PatientID: absent->empty"),
    (lambda h: setattr(h, "PatientID", "1"), "PatientID: absent->value"),
    (lambda h: delattr(h, "StudyDescription"),
     "StudyDescription: empty->absent"),
    (lambda h: setattr(h, "StudyDescription", "x"),
     "StudyDescription: empty->value"),
    (lambda h: setattr(h, "StudyTime", ""), "StudyTime: value->empty"),
    (lambda h: delattr(h, "StudyTime"), "StudyTime: value->absent"),
    (lambda h: h.ProcedureCodeSequence.pop(),
     "ProcedureCodeSequence: changed"),
    (lambda h: setattr(h.ProcedureCodeSequence[1], "CodeMeaning", "Grosse"),
     "ProcedureCodeSequence: changed"),
    (lambda h: setattr(h.ProcedureCodeSequence[0], "CodeMeaning", ""),
     "ProcedureCodeSequence: changed"),
    (lambda h: setattr(h.RequestAttributesSequence[0],
                       "RequestedProcedureID", "RP1"),
     "RequestAttributesSequence[0].RequestedProcedureID: changed"),
    (second_request,
     "RequestAttributesSequence[1].RequestedProcedureID: absent->value"),
    (lambda h: delattr(h, "RequestAttributesSequence"),
     "RequestAttributesSequence[0].RequestedProcedureID: value->absent"),
    (lambda h: setattr(h, "SOPInstanceUID", "1.2.3.5"), "no rebuilt header"),
]


def save(header, path):
    file = pydicom.FileDataset(path, header, preamble=b"\0" * 128)
    file.file_meta = FileMetaDataset()
    file.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    file.file_meta.MediaStorageSOPClassUID = header.SOPClassUID
    file.file_meta.MediaStorageSOPInstanceUID = header.SOPInstanceUID
    file.is_little_endian, file.is_implicit_VR = True, False
    file.save_as(path, write_like_original=False)


class Compare(unittest.TestCase):
    def run_on(self, change):
        with tempfile.TemporaryDirectory() as folder:
            rebuilt = copy.deepcopy(original())
            change(rebuilt)
            paths = [os.path.join(folder, name) for name in ("a", "b")]
            save(original(), paths[0])
            save(rebuilt, paths[1])
            output = io.StringIO()
            with contextlib.redirect_stdout(output):
                status = compare.main([ATTRIBUTES, paths[0], "--", paths[1]])
            lines = output.getvalue().splitlines()
            return status, [line.split(": ", 1)[-1] for line in lines[:-1]]

    def test_cases(self):
        for number, (change, expected) in enumerate(CASES):
            with self.subTest(number=number, expected=expected):
                status, lines = self.run_on(change)
                self.assertEqual(lines, [expected] if expected else [])
                self.assertEqual(status, 1 if expected else 0)

    def test_nothing_to_compare(self):
        with contextlib.redirect_stdout(io.StringIO()):
            self.assertEqual(
                compare.main([ATTRIBUTES, ATTRIBUTES, "--", ATTRIBUTES]), 2)


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    logging.getLogger("pydicom").setLevel(logging.CRITICAL)
    unittest.main()
