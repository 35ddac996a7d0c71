"""The table: a line for each kind of list or length that can grow; README."""
import inputs

ROWS = []


def row(way, name, make, n=100):
    """make(n): the files of that way, with n members in the list."""
    ROWS.append((way, name, make, n))


def file(ways, name, make, n=100):
    """make(n): the elements of a DICOM file, beside those of every file."""
    for way in ways.split():
        row(way, name, lambda k: [inputs.dicom(make(k))], n)


def bundle(name, make, n=100, ways="rebuild stamp"):
    """make(n): the resources of a Bundle, rebuilt and put onto a file."""
    for way in ways.split():
        files = [inputs.dicom()] if way == "stamp" else []
        row(way, name, lambda k, f=files: [inputs.bundle(*make(k))] + f, n)
