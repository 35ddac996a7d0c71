#!/usr/bin/python3
"""Compare rebuilt DICOM headers with the originals, attribute by attribute.

    compare.py [-v] ATTRIBUTES ORIGINAL... -- REBUILT...

ATTRIBUTES lists keywords and paths (see mapped-attributes.txt).  ORIGINAL and
REBUILT are files or folders; a rebuilt header belongs to the original with the
same SOP Instance UID.  An independent judge: it reads with pydicom, decodes
text with each file's own character set, and compares DS and IS as strings.

One line for each difference, "FILE: ATTRIBUTE: KIND", without values unless -v:
  absent->empty, empty->absent, empty->value, value->empty, value->absent,
  absent->value, changed, no rebuilt header, unreadable.
Exit status: 0 no difference, 1 some, 2 usage, or nothing to compare.
"""
import os
import sys
import warnings

import pydicom
from pydicom import config
from pydicom.charset import convert_encodings, decode_bytes
from pydicom.dataelem import RawDataElement
from pydicom.datadict import dictionary_VR, tag_for_keyword
from pydicom.sequence import Sequence
from pydicom.tag import Tag

# PS3.5 6.1.2.3: subject to Specific Character Set.
TEXT = {"LO", "LT", "PN", "SH", "ST", "UC", "UT"}
# PS3.5 6.2: the VRs in which '\' is a character and not a delimiter.
SINGLE = {"LT", "ST", "UR", "UT"}
# Blanks in front, or behind a value that is not the last, mean nothing in most
# of these (PS3.5 6.2), but a rebuilt header gives them back all the same: only
# the padding at the end is free.
STRINGS = TEXT | {"AE", "AS", "CS", "DA", "DS", "DT", "IS", "TM", "UI", "UR"}
PN_DELIMITERS = {ord("^"), ord("=")}
ABSENT = "absent"
DERIVED = set()  # counted from what was read: a rebuilt header has them


def read_attributes(path):
    """The list of attributes, each a list of (keyword, tag) steps."""
    attributes = []
    with open(path, encoding="utf-8") as lines:
        for line in lines:
            name, *mark = line.split("#")[0].split() or [""]
            if not name:
                continue
            if mark == ["derived"]:
                DERIVED.add(name)
            elif mark:
                sys.exit(f"{path}: unknown mark {' '.join(mark)}")
            steps = [step.rstrip("[]") for step in name.split(".")]
            tags = [tag_for_keyword(step) for step in steps]
            if None in tags:
                sys.exit(f"{path}: unknown attribute {name}")
            attributes.append((name, [Tag(tag) for tag in tags]))
    return attributes


def files_below(paths):
    for path in paths:
        if not os.path.isdir(path):
            yield path
            continue
        for folder, folders, names in os.walk(path):
            folders.sort()
            for name in sorted(names):
                yield os.path.join(folder, name)


def read_header(path):
    """(SOP Instance UID or "", dataset), or None where it cannot be read."""
    try:
        dataset = pydicom.dcmread(path, force=True, stop_before_pixels=True)
        uid = string_of(dataset, Tag(0x00080018), ["iso8859"]) or ""
    except Exception:  # pydicom raises whatever a damaged file leads to
        return None
    first = min(dataset.keys(), default=None)
    if first is None or first.group > 0x0010:  # what force=True makes of text
        return None
    return uid, dataset


# ---- values -----------------------------------------------------------------


def encodings_of(dataset, inherited):
    """Python's names of the item's own Specific Character Set, or of the one
    around it."""
    if 0x00080005 not in dataset:
        return inherited
    raw = raw_of(dataset, Tag(0x00080005))
    if isinstance(raw, bytes):
        raw = raw.decode("ascii", "replace").split("\\")
    elif isinstance(raw, str):
        raw = [raw]
    terms = [term.strip(" \0") for term in raw or [""]]
    return convert_encodings(terms)


def raw_of(dataset, tag):
    """The stored bytes, a Sequence, or a converted value of what pydicom has
    already read; None where the value is empty."""
    element = dataset.get_item(tag)
    if isinstance(element, RawDataElement) and vr_of(element) == "SQ":
        element = dataset[tag]
    return element.value


def vr_of(element):
    vr = element.VR
    if vr in (None, "UN"):  # implicit VR, or unknown to the writer
        try:
            return dictionary_VR(element.tag)
        except KeyError:
            return "UN"
    return vr


def decode(raw, vr, encodings):
    if vr not in TEXT:
        return raw.decode("latin-1")
    if vr == "PN":
        # Each value by itself: an escape sequence ends with the value, the
        # component and the group (PS3.5 6.1.2.5.3).
        return decode_bytes(raw, encodings, PN_DELIMITERS | {ord("\\")})
    delimiters = {0x0A, 0x0C, 0x0D, 0x09}
    if vr not in SINGLE:
        delimiters.add(ord("\\"))
    return decode_bytes(raw, encodings, delimiters)


def string_of(dataset, tag, encodings):
    """A value as text with the padding at its end removed; of a VR that is no
    string, the bytes; "" where it is empty; ABSENT."""
    if tag not in dataset:
        return None
    element = dataset.get_item(tag)
    vr = vr_of(element)
    raw = raw_of(dataset, tag)
    if isinstance(raw, (bytes, bytearray)):
        if vr not in STRINGS:
            return raw.hex()
        text = decode(bytes(raw), vr, encodings)
    elif raw is None:
        text = ""
    elif isinstance(raw, (list, pydicom.multival.MultiValue)):
        text = "\\".join(str(one) for one in raw)
    else:
        text = str(raw)
    return text.rstrip(" \0")


def value_of(dataset, tag, encodings):
    """("absent" | "empty" | "value", what to compare)"""
    if tag not in dataset:
        return (ABSENT, None)
    if vr_of(dataset.get_item(tag)) == "SQ":
        items = raw_of(dataset, tag) or Sequence()
        deep = [item_of(item, encodings_of(item, encodings)) for item in items]
        return ("value", deep) if deep else ("empty", None)
    text = string_of(dataset, tag, encodings)
    return ("value", text) if text else ("empty", None)


def item_of(item, encodings):
    """A whole item; its character set is how it is stored, not what it
    says, and group lengths (retired) neither."""
    return {
        str(tag): value_of(item, tag, encodings)
        for tag in item.keys()
        if tag != 0x00080005 and tag.element != 0
    }


# ---- comparing --------------------------------------------------------------


def differences(original, rebuilt, steps, label=""):
    """(label, kind, value, value) of one attribute; original and rebuilt are
    (dataset, encodings) or None where the item around is not there."""
    tag, rest = steps[0], steps[1:]
    name = label + pydicom.datadict.keyword_for_tag(tag)
    if not rest:
        before, after = (value_of(side[0], tag, side[1]) if side
                         else (ABSENT, None) for side in (original, rebuilt))
        if before[0] != after[0]:
            yield (name, f"{before[0]}->{after[0]}", before[1], after[1])
        elif before != after:
            yield (name, "changed", before[1], after[1])
        return
    lists = [items_of(side, tag) for side in (original, rebuilt)]
    for i in range(max(len(one) for one in lists)):
        pair = [one[i] if i < len(one) else None for one in lists]
        yield from differences(*pair, rest, f"{name}[{i}].")


def items_of(side, tag):
    if not side or tag not in side[0]:
        return []
    return [(item, encodings_of(item, side[1]))
            for item in raw_of(side[0], tag) or []]


def compare(path, original, rebuilt, attributes, verbose):
    sides = [(one, encodings_of(one, ["iso8859"]))
             for one in (original, rebuilt)]
    count = 0
    for name, steps in attributes:
        try:
            found = list(differences(*sides, steps))
        except Exception as error:  # see read_header
            found = [(name, f"unreadable ({type(error).__name__})", "", "")]
        if name in DERIVED:
            found = [one for one in found if one[1] != "absent->value"]
        for label, kind, before, after in found:
            values = f": {before!r} {after!r}" if verbose else ""
            print(f"{path}: {label}: {kind}{values}")
        count += len(found)
    return count


def main(arguments):
    verbose = arguments[:1] == ["-v"]
    arguments = arguments[verbose:]
    if "--" not in arguments or len(arguments) < 4:
        print("usage: compare.py [-v] ATTRIBUTES ORIGINAL... -- REBUILT...",
              file=sys.stderr)
        return 2
    split = arguments.index("--")
    attributes = read_attributes(arguments[0])
    rebuilt = dict(filter(None, map(read_header,
                                    files_below(arguments[split + 1:]))))
    only = list(rebuilt.values()) if len(rebuilt) == 1 else None
    rebuilt.pop("", None)
    compared = count = 0
    for path in files_below(arguments[1:split]):
        header = read_header(path)
        if header is None or header[1].get_item(0x00041220) is not None:
            continue  # no instance, but a DICOMDIR
        uid, original = header
        if not uid and only:  # one dataset without a UID: it can only be this
            rebuilt[uid] = only[0]
        if not uid and uid not in rebuilt:
            continue
        compared += 1
        if uid not in rebuilt:
            print(f"{path}: no rebuilt header")
            count += 1
            continue
        count += compare(path, original, rebuilt[uid], attributes, verbose)
    print(f"{compared} instances compared, {count} differences")
    if compared == 0:
        return 2
    return 1 if count else 0


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    config.settings.reading_validation_mode = config.IGNORE
    import logging

    logging.getLogger("pydicom").setLevel(logging.CRITICAL)
    sys.exit(main(sys.argv[1:]))
