"""Lists and lengths of DICOM files that are exported."""
from inputs import element
from table import file

EXPORT = "export-r5"

file(EXPORT, "image types", lambda n: {
    0x00080008: element(0x00080008, "CS", "\\".join(
        ["ORIGINAL"] + ["T%d" % i for i in range(n)]))})
