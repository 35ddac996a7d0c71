"""A DICOMweb server of files, which are fetched and stored, and which answers
as the table of faults says (server.py); of what is stored:
  stow: {UID or "*": what}
    failed: N       FailedSOPSequence with that reason
    warning: N      stored, with that reason
    kept: True      the answer says stored, but the old file stays
    late: N         ... and is given so many times before the new one
    status, body    the answer of HTTP; stored unless failed
"""
import json
import re
import threading

from server import Server

BOUNDARY = b"5f2a"


def uid_of(data, group, element):
    tag = group.to_bytes(2, "little") + element.to_bytes(2, "little") + b"UI"
    at = data.index(tag, 132)
    size = int.from_bytes(data[at + 6:at + 8], "little")
    return data[at + 8:at + 8 + size].rstrip(b"\0 ").decode()


def uids_of(data):
    return tuple(uid_of(data, g, e) for g, e in
                 ((0x0020, 0x000D), (0x0020, 0x000E), (0x0008, 0x0018)))


def item(uid, tag=None, reason=None):
    value = {"00081155": {"vr": "UI", "Value": [uid]}}
    if reason is not None:
        value[tag] = {"vr": "US", "Value": [reason]}
    return value


class Pacs(Server):
    def __init__(self, files, stow=None, faults=None, only=False):
        super().__init__([], faults)
        self.files = {uids_of(data): data for data in files}
        self.old, self.late = {}, {}
        self.stow = stow or {}
        self.only = only  # one instance is no multipart content
        self.stored = []
        self.guard = threading.Lock()

    def answer(self, path, query):
        parts = [p for p in path.split("/") if p]
        if parts == ["studies"]:
            rows = sorted({uids[0] for uids in self.files})
            rows = rows[int(query.get("offset", 0)):]
            return 200, json.dumps([{"0020000D": {
                "vr": "UI", "Value": [uid]}} for uid in rows]).encode()
        wanted = parts[1::2]
        with self.guard:
            found = [self.given(uids) for uids in sorted(self.files)
                     if list(uids[:len(wanted)]) == wanted]
        if not found:
            return 404, b""
        if self.only and len(wanted) == 3:
            return 200, found[0]
        return 200, b"".join(
            b"\r\n--" + BOUNDARY + b"\r\nContent-Type: application/dicom\r\n"
            b"\r\n" + data for data in found) + \
            b"\r\n--" + BOUNDARY + b"--\r\n"

    def given(self, uids):
        if self.late.get(uids[2], 0) > 0:
            self.late[uids[2]] -= 1
            return self.old[uids]
        return self.files[uids]

    def send(self, handler, status, body, fault):
        self.type = "application/dicom+json"
        if body.startswith(b"\r\n--" + BOUNDARY):
            self.type = ('multipart/related; type="application/dicom"; '
                         "boundary=" + BOUNDARY.decode())
        elif body[128:132] == b"DICM":
            self.type = "application/dicom"
        super().send(handler, status, body, fault)

    def post(self, handler, body):
        path = handler.path[len("/web"):]
        with self.lock:
            self.asked.append("POST " + path)
            fault = self.fault_of("POST " + path)
        if fault:
            self.send(handler, fault.get("status", 200),
                      fault.get("body", b""), fault)
            return
        boundary = re.search('boundary="?([^";]+)', handler.headers[
            "Content-Type"]).group(1).encode()
        begin = body.index(b"\r\n\r\n") + 4
        data = body[begin:body.index(b"\r\n--" + boundary + b"--")]
        uids = uids_of(data)
        how = self.stow.get(uids[2], self.stow.get("*", {}))
        with self.guard:
            status, answer = self.take(data, uids, how)
        self.send(handler, how.get("status", status),
                  how.get("body", json.dumps(answer).encode()), {})

    def take(self, data, uids, how):
        if "failed" in how:
            return 409, {"00081198": {"vr": "SQ", "Value": [
                item(uids[2], "00081197", how["failed"])]}}
        self.stored.append(uids[2])
        if not how.get("kept"):
            self.old[uids] = self.files.get(uids)
            self.files[uids] = data
            self.late[uids[2]] = how.get("late", 0)
        return 202 if "warning" in how else 200, {
            "00081199": {"vr": "SQ", "Value": [
                item(uids[2], "00081196", how.get("warning"))]}}
