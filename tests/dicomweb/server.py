"""A DICOMweb server of studies in memory, which does what a table says wrong.

It answers QIDO-RS for studies and WADO-RS metadata.  `faults` are, of each
path (a glob, without the query):
  status, headers, body   this answer instead
  drop: N                 the connection ends after N bytes of the body
  cut: N                  the body is N bytes long, and HTTP says so
  forever: True           the body never ends
  stall: N                and nothing more comes for N seconds, after drop
  times: N                only the first N requests
`pages`: most results a page; "same": limit and offset are ignored; "overlap":
each page begins with the last result of the one before.
`filters` False: the query finds all studies.
`empty`: the body of a page without results, if it is not 204.
`gzip`, `type`: of all bodies.
"""
import fnmatch
import gzip
import http.server
import json
import socket
import threading
import time
import urllib.parse

UIDS = ("0020000D", "0020000E", "00080018")


def instance(study, number, **more):
    """A dataset; study is a number."""
    value = {
        "00080016": ("UI", "1.2.840.10008.5.1.4.1.1.2"),
        "00080018": ("UI", "1.2.3.%d.1.%d" % (study, number)),
        "00080020": ("DA", "202401%02d" % study),
        "00080060": ("CS", "CT"),
        "00100010": ("PN", {"Alphabetic": "Doe^John"}),
        "00100020": ("LO", "ID%d" % study),
        "0020000D": ("UI", "1.2.3.%d" % study),
        "0020000E": ("UI", "1.2.3.%d.1" % study),
        "00200013": ("IS", str(number)),
    }
    dataset = {tag: {"vr": vr, "Value": [v]} for tag, (vr, v) in value.items()}
    dataset.update(more)
    return dict(sorted(dataset.items()))


def first(dataset, tag):
    return dataset[tag]["Value"][0]


class Server:
    def __init__(self, held, faults=None, pages=1000, gzip=False,
                 type="application/dicom+json", filters=True, empty=None):
        self.filters, self.empty = filters, empty
        self.held, self.pages, self.gzip, self.type = held, pages, gzip, type
        self.faults = [dict(f) for f in faults or []]
        self.asked, self.when, self.headers = [], [], []
        self.lock = threading.Lock()
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True

            def log_message(self, *arguments):
                pass

            def do_GET(self):
                outer.get(self)

            def do_POST(self):
                outer.post(self, self.rfile.read(
                    int(self.headers["Content-Length"])))

        class Threads(http.server.ThreadingHTTPServer):
            daemon_threads = True

            def handle_error(self, *arguments):
                pass

        self.http = Threads(("127.0.0.1", 0), Handler)
        self.url = "http://127.0.0.1:%d/web" % self.http.server_address[1]
        threading.Thread(target=self.http.serve_forever, args=(0.05,),
                         daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *reason):
        self.http.shutdown()
        self.http.server_close()

    def fault_of(self, path):
        for fault in self.faults:
            if fnmatch.fnmatchcase(path, fault["path"]) and \
                    fault.get("times", 1):
                if "times" in fault:
                    fault["times"] -= 1
                return fault
        return {}

    def get(self, handler):
        path, _, query = handler.path.partition("?")
        path = path[len("/web"):]
        with self.lock:
            self.asked.append(path + ("?" + query if query else ""))
            self.when.append(time.monotonic())
            self.headers.append(dict(handler.headers))
            fault = self.fault_of(path)
        status, body = self.answer(
            path, dict(urllib.parse.parse_qsl(query)))
        if "body" in fault or "status" in fault:
            status = fault.get("status", 200)
            body = fault.get("body", b"")
        self.send(handler, status, body, fault)

    def post(self, handler, body):
        self.send(handler, 405, b"", {})

    def send(self, handler, status, body, fault):
        headers = {"Content-Type": self.type}
        if self.gzip and body:
            body = gzip.compress(body)
            headers["Content-Encoding"] = "gzip"
        headers.update(fault.get("headers", {}))
        body = body[:fault.get("cut", len(body))]
        if not fault.get("forever"):
            headers["Content-Length"] = str(len(body))
        try:
            handler.send_response(status)
            for name, value in headers.items():
                handler.send_header(name, value)
            handler.end_headers()
            handler.wfile.write(body[:fault.get("drop", len(body))])
            while fault.get("forever"):
                handler.wfile.write(b" " * 65536)
            handler.wfile.flush()
            time.sleep(fault.get("stall", 0))
            if "drop" in fault:
                handler.close_connection = True
                handler.connection.shutdown(socket.SHUT_RDWR)
        except OSError:
            handler.close_connection = True

    def answer(self, path, query):
        parts = [p for p in path.split("/") if p]
        if parts[-1:] == ["metadata"]:
            wanted = dict(zip(UIDS, parts[1::2]))
            found = [d for d in self.held if all(
                first(d, tag) == uid for tag, uid in wanted.items())]
            return (200, json.dumps(found).encode()) if found else (404, b"")
        if parts != ["studies"]:
            return 404, b""
        return self.query(query)

    def query(self, query):
        rows = []
        for dataset in self.held:
            row = {t: dataset[t] for t in ("00100020", "0020000D")}
            wanted = first(dataset, "00100020")
            if self.filters:
                wanted = query.get("PatientID", wanted)
            if row not in rows and first(dataset, "00100020") == wanted:
                rows.append(row)
        if self.pages == "same":
            return 200, json.dumps(rows).encode()
        start = int(query.get("offset", 0))
        pages = self.pages
        if pages == "overlap":
            start, pages = max(0, start // 2), 2
        limit = min(int(query.get("limit", 1000)), pages)
        rows = rows[start:start + limit]
        if not rows:
            return (204, b"") if self.empty is None else (200, self.empty)
        return 200, json.dumps(rows).encode()
