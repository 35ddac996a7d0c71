"""The FHIR server of an EHR of a test, in memory: patients and orders, which are
searched by identifier."""
import http.server
import json
import os
import threading
import urllib.parse

# How the files call the issuer, and how the EHR does.
ISSUER, SYSTEM = 'ADT', 'urn:oid:1.2.3'


def patient(number='4711', family='Roe', **more):
    return dict({'resourceType': 'Patient', 'id': 'p-' + number, 'active': True,
                 'identifier': [{'system': SYSTEM, 'value': number}],
                 'name': [{'use': 'official', 'family': family, 'given': ['Jane']}]}, **more)


def order(accession, subject, **more):
    return dict({'resourceType': 'ServiceRequest', 'id': 'o-' + accession, 'status': 'active',
                 'intent': 'order', 'subject': {'reference': 'Patient/' + subject['id']},
                 'identifier': [{'value': accession, 'type': {'coding': [
                     {'system': 'http://terminology.hl7.org/CodeSystem/v2-0203',
                      'code': 'ACSN'}]}}]}, **more)


class Ehr(http.server.ThreadingHTTPServer):
    """Searches by identifier, with what is included; fault: what it does
    instead, a status or a function of its handler."""
    daemon_threads = True

    def __init__(self, *resources, port=0):
        super().__init__(('127.0.0.1', port), Handler)
        self.base = 'http://127.0.0.1:%d/fhir' % self.server_port
        self.resources, self.fault, self.asked = list(resources), None, []
        threading.Thread(target=self.serve_forever, args=(0.02,), daemon=True).start()

    def close(self):
        self.shutdown()
        self.server_close()

    def found(self, kind, query):
        wanted = query.get('identifier', '').rpartition('|')[2]
        found = [r for r in self.resources if r['resourceType'] == kind and
                 any(i.get('value') == wanted for i in r['identifier'])]
        subjects = [r['subject']['reference'] for r in found if 'subject' in r]
        return found + [r for r in self.resources
                        if '%s/%s' % (r['resourceType'], r['id']) in subjects]


class Handler(http.server.BaseHTTPRequestHandler):
    def log_message(self, *_):
        pass

    def answer(self, status, body, kind='application/fhir+json'):
        self.send_response(status)
        self.send_header('Content-Type', kind)
        self.send_header('Content-Length', str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self):
        server, url = self.server, urllib.parse.urlsplit(self.path)
        server.asked.append(self.path)
        fault = server.fault
        if callable(fault):
            return fault(self)
        if fault:
            return self.answer(fault, json.dumps({'resourceType': 'OperationOutcome'}).encode())
        query = dict(urllib.parse.parse_qsl(url.query))
        found = server.found(url.path.rpartition('/')[2], query)
        self.answer(200, json.dumps(
            {'resourceType': 'Bundle', 'type': 'searchset', 'total': len(found), 'entry': [
                {'fullUrl': '%s/%s/%s' % (server.base, r['resourceType'], r['id']),
                 'resource': r} for r in found]}).encode())


def site_rules(place):
    """The shipped rules, and what ISSUER stands for."""
    with open(place.path('rules.yaml'), 'w') as out:
        json.dump({'include': os.path.abspath(os.environ.get('DCMFHIR_RULES', 'rules.yaml')),
                   'issuers': {ISSUER: SYSTEM}}, out)
    return place.path('rules.yaml')
