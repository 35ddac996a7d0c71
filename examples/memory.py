#!/usr/bin/env python3
"""Stamp a DICOM file by a FHIR Bundle, and export what it says then, all of it
in memory, through the C library (ctypes, no other module):

    memory.py BUNDLE FILE

LIBDCMFHIR names the library, if it is not where the system looks.
"""
import ctypes
import os
import sys
from ctypes import (CFUNCTYPE, POINTER, Structure, byref, c_char_p, c_int,
                    c_size_t, c_ulonglong, c_void_p, sizeof)

ReadAt = CFUNCTYPE(c_int, c_ulonglong, c_void_p, c_size_t, c_void_p)
Write = CFUNCTYPE(c_int, c_void_p, c_size_t, c_void_p)


class Sized(Structure):
    """A struct of the API begins with its size; all else may be 0."""

    def __init__(self, **members):
        super().__init__(size=sizeof(type(self)), **members)


class Source(Sized):
    """dfh_source"""
    _fields_ = [("size", c_size_t), ("name", c_char_p), ("bytes", c_char_p),
                ("read_at", ReadAt), ("context", c_void_p),
                ("length", c_ulonglong), ("transfer_syntax", c_char_p),
                ("without_pixels", c_int)]


class Sink(Sized):
    """dfh_sink"""
    _fields_ = [("size", c_size_t), ("write", Write), ("context", c_void_p)]


class DcmfhirError(Exception):
    """What dfh_error says; code is the class, reason what to act on."""

    def __init__(self, text, code, reason):
        super().__init__(text)
        self.code = code
        self.reason = reason


def load():
    """The library, with the types of the functions used here."""
    lib = ctypes.CDLL(os.environ.get("LIBDCMFHIR", "libdcmfhir.so.0"))
    error = POINTER(c_void_p)
    for name, result, arguments in [
            ("dfh_error_text", c_char_p, [c_void_p]),
            ("dfh_error_code", c_int, [c_void_p]),
            ("dfh_error_reason", c_int, [c_void_p]),
            ("dfh_error_free", None, [c_void_p]),
            ("dfh_free", None, [c_void_p]),
            ("dfh_rules_load", c_void_p, [c_char_p, error]),
            ("dfh_rules_free", None, [c_void_p]),
            ("dfh_import_new", c_void_p, [c_void_p, c_void_p, error]),
            ("dfh_import_add_json", c_int,
             [c_void_p, c_char_p, c_char_p, c_size_t, error]),
            ("dfh_import_stamp_source", c_int,
             [c_void_p, POINTER(Source), POINTER(Sink), c_void_p, c_void_p,
              error]),
            ("dfh_import_free", None, [c_void_p]),
            ("dfh_export_new", c_void_p, [c_void_p, c_void_p, error]),
            ("dfh_export_add_bytes", c_int,
             [c_void_p, c_char_p, c_char_p, c_size_t, error]),
            ("dfh_export_bundle", c_void_p, [c_void_p, error]),
            ("dfh_export_free", None, [c_void_p])]:
        function = getattr(lib, name)
        function.restype = result
        function.argtypes = arguments
    return lib


LIB = load()


def call(function, *arguments):
    """Call it with an error, which is raised."""
    error = c_void_p()
    result = function(*arguments, byref(error))
    if not error:
        return result
    fault = DcmfhirError(LIB.dfh_error_text(error).decode(),
                         LIB.dfh_error_code(error),
                         LIB.dfh_error_reason(error))
    LIB.dfh_error_free(error)
    raise fault


def stamp(rules, bundle, file):
    """The bytes of the file as the Bundle has it."""
    parts = []

    @Write
    def write(data, length, _context):
        parts.append(ctypes.string_at(data, length))
        return 0

    im = call(LIB.dfh_import_new, rules, None)
    try:
        call(LIB.dfh_import_add_json, im, b"the Bundle", bundle, len(bundle))
        source = Source(name=b"the file", bytes=file, length=len(file))
        call(LIB.dfh_import_stamp_source, im, byref(source),
             byref(Sink(write=write)), None, None)
    finally:
        LIB.dfh_import_free(im)
    return b"".join(parts)


def export(rules, file):
    """The Bundle of a file, as text."""
    ex = call(LIB.dfh_export_new, rules, None)
    try:
        call(LIB.dfh_export_add_bytes, ex, b"the stamped file", file, len(file))
        text = call(LIB.dfh_export_bundle, ex)
        try:
            return ctypes.string_at(text).decode()
        finally:
            LIB.dfh_free(text)
    finally:
        LIB.dfh_export_free(ex)


def main():
    with open(sys.argv[1], "rb") as bundle, open(sys.argv[2], "rb") as file:
        bundle, file = bundle.read(), file.read()
    try:
        rules = call(LIB.dfh_rules_load, None)
        print(export(rules, stamp(rules, bundle, file)))
        LIB.dfh_rules_free(rules)
    except DcmfhirError as error:
        print(f"memory.py: {error}", file=sys.stderr)
        sys.exit(error.code)


if __name__ == "__main__":
    main()
