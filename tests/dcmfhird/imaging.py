"""What the role serve stands between: a PACS of studies in memory, an EHR and an
authorization server, and a client of FHIR."""
import http.client
import http.server
import json
import os
import re
import sys
import threading
import urllib.parse

TESTS = os.path.join(os.environ.get('srcdir', '.'), 'tests')
sys.path.insert(0, os.path.join(TESTS, 'dicomweb'))
import server  # noqa: E402

LEVELS = {'studies': '0020000D', 'series': '0020000E', 'instances': '00080018'}
MODALITIES = '00080061'
# What it matches by: PS3.18 Table 10.6.1-5.
KEYS = {'00080020', '00080050', '00080060', MODALITIES, '00100020', '0020000D', '0020000E',
        '00200010', '00080018'}


def first(dataset, tag):
    values = dataset.get(tag, {}).get('Value', [])
    return values[0] if values else ''


def matches(tag, wanted, value):
    if tag == '00080020' and '-' in wanted:
        begin, _, end = wanted.partition('-')
        return (not begin or begin <= value) and (not end or value <= end)
    return wanted in ('*', value)


class Pacs(server.Server):
    """With the keys of QIDO-RS, at each level."""

    def answer(self, path, query):
        parts = [p for p in path.split('/') if p]
        if len(parts) == 1 and parts[0] in LEVELS:
            return self.find(parts[0], query)
        return super().answer(path, query)

    def find(self, level, query):
        rows = {}
        for dataset in self.held:
            row = {t: dataset[t] for t in ('0020000D', LEVELS[level], '00100020')}
            study = [d for d in self.held
                     if first(d, '0020000D') == first(dataset, '0020000D')]
            row[MODALITIES] = {'vr': 'CS', 'Value': sorted(
                {first(d, '00080060') for d in study})}
            if all(any(matches(tag, wanted, str(value)) for value in (
                    row[tag]['Value'] if tag in row else [first(dataset, tag)]))
                   for tag, wanted in query.items() if tag in KEYS):
                rows.setdefault(first(dataset, LEVELS[level]), row)
        rows = [rows[uid] for uid in sorted(rows)]
        if self.pages != 'same':
            begin = int(query.get('offset', 0))
            rows = rows[begin:begin + min(int(query.get('limit', 1000)), self.pages)]
        return (200, json.dumps(rows).encode()) if rows else (204, b'')


class Answers(http.server.ThreadingHTTPServer):
    """An EHR, or an authorization server: what is at each path."""
    daemon_threads = True
    request_queue_size = 300

    def __init__(self, at):
        super().__init__(('127.0.0.1', 0), Handler)
        self.at, self.asked = at, []
        self.base = 'http://127.0.0.1:%d/base' % self.server_port
        threading.Thread(target=self.serve_forever, args=(0.02,), daemon=True).start()


class Handler(http.server.BaseHTTPRequestHandler):
    def log_message(self, *_):
        pass

    def do_GET(self):
        self.reply(self.path[len('/base/'):])

    def do_POST(self):
        form = self.rfile.read(int(self.headers['Content-Length'])).decode()
        self.reply(dict(urllib.parse.parse_qsl(form))['token'])

    def reply(self, key):
        self.server.asked.append(key)
        found = self.server.at.get(key, 404)
        status = found if isinstance(found, int) else 200
        body = b'' if isinstance(found, int) else json.dumps(found).encode()
        self.send_response(status)
        self.send_header('Content-Type', 'application/fhir+json')
        self.send_header('Content-Length', str(len(body)))
        self.end_headers()
        self.wfile.write(body)


class Answer:
    def __init__(self, status, headers, body):
        self.status, self.headers, self.body = status, headers, body
        self.json = json.loads(body) if body else None

    def entries(self, mode='match'):
        return [e['resource'] for e in self.json.get('entry', ())
                if e['search']['mode'] == mode]

    def ids(self):
        return [r['id'] for r in self.entries()]

    def link(self, relation):
        return next((link['url'] for link in self.json['link']
                     if link['relation'] == relation), None)


class Client:
    def __init__(self, port, token=None):
        self.port, self.token = port, token
        self.base = 'http://127.0.0.1:%d' % port

    def ask(self, target, method='GET', body=None, **headers):
        if target.startswith(self.base):
            target = target[len(self.base):]
        elif not target.startswith('/'):
            target = '/fhir/' + target
        headers = {k.replace('_', '-'): v for k, v in headers.items()}
        if self.token:
            headers['Authorization'] = 'Bearer ' + self.token
        connection = http.client.HTTPConnection('127.0.0.1', self.port, timeout=60)
        connection.request(method, target, body, headers)
        response = connection.getresponse()
        answer = Answer(response.status, response.headers, response.read())
        connection.close()
        return answer


def bare(resource):
    """Without its id, its version, where references lead, and what files do not tell."""
    text = json.dumps({k: v for k, v in resource.items()
                       if k not in ('id', 'meta', 'endpoint')}, sort_keys=True)
    return re.sub('"reference": "[^#"]*"', '"reference": ""', text)


def references(value):
    if isinstance(value, list):
        return [r for v in value for r in references(v)]
    if not isinstance(value, dict):
        return []
    return ([value['reference']] if isinstance(value.get('reference'), str) else []) + \
        [r for v in value.values() for r in references(v)]


def ehr_patient(number, *identifiers):
    return {'resourceType': 'Patient', 'id': number, 'identifier': [
        {'system': s, 'value': v} for s, v in identifiers]}


def rules_of(place, system):
    """HOSPITAL is the issuer of numbers of that system."""
    path = place.path('rules.yaml')
    with open(path, 'w') as out:
        out.write('include: %s\nissuers: {HOSPITAL: "%s"}\n'
                  % (os.path.abspath(os.environ['DCMFHIR_RULES']), system))
    return path
