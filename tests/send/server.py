"""A FHIR server in memory that does what it is told to do wrong.

It has transactions, conditional creates and updates, and a search by
identifier, alone or through a reference.  `plan` is a list of faults, each of
which one request takes; then it behaves.
"""
import copy
import json
import socket
import ssl
import threading
import time
import urllib.parse
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Refused(Exception):
    def __init__(self, status, text, code='processing'):
        super().__init__(text)
        self.status, self.code = status, code


def outcome(text, code='processing'):
    return {'resourceType': 'OperationOutcome',
            'issue': [{'severity': 'error', 'code': code, 'diagnostics': text}]}


def capability(release='5.0.0', **more):
    types = more.get('types', {})
    return {
        'resourceType': 'CapabilityStatement', 'fhirVersion': release,
        'software': {'name': 'a test'},
        'rest': [{'mode': 'server',
                  'interaction': [{'code': 'transaction'}]
                  if more.get('transactions', True) else [],
                  'resource': [dict({'type': name}, **flags)
                               for name, flags in types.items()]}]}


class Store:
    """Resources by type and id, and how often each was changed."""

    def __init__(self):
        self.held, self.versions, self.next = {}, {}, 1
        self.ignores_conditions = False

    def of(self, kind):
        return [r for (t, _), r in sorted(self.held.items()) if t == kind]

    def _has(self, resource, value):
        system, bar, text = value.rpartition('|')
        for identifier in resource.get('identifier', []):
            if identifier.get('value') == text and (
                    not bar or identifier.get('system', '') == system):
                return True
        return False

    def _target(self, resource, name):
        reference = resource.get('subject' if name == 'patient' else name, {})
        key = tuple(reference.get('reference', '').split('/'))
        return self.held.get(key, {})

    def search(self, kind, query):
        found = []
        for resource in self.of(kind):
            good = True
            for name, value in urllib.parse.parse_qsl(query):
                value = value.replace('\\', '')
                if name.startswith('_'):
                    continue
                chain, dot, name = name.rpartition('.')
                at = self._target(resource, chain.split(':')[0]) if dot else resource
                good = good and self._has(at, value)
            if good:
                found.append(resource)
        return found

    def put(self, kind, resource, key=None):
        new = key is None
        if new:
            key = str(self.next)
            self.next += 1
        resource = dict(copy.deepcopy(resource), id=key)
        if self.held.get((kind, key)) != resource:
            self.versions[kind, key] = self.versions.get((kind, key), 0) + 1
        self.held[kind, key] = resource
        return key, 201 if new else 200

    def one(self, method, kind, condition, resource):
        """A conditional create or update: (id, status)."""
        if 'id' in resource:
            raise Refused(400, 'an id in a conditional request')
        found = self.search(kind, condition) if condition else []
        if self.ignores_conditions and method == 'POST':
            found = []
        if len(found) > 1:
            raise Refused(412, 'matched %d resources: %s' % (len(found), condition))
        if found and method == 'POST':
            return found[0]['id'], 200
        return self.put(kind, resource, found[0]['id'] if found else None)

    def transaction(self, bundle):
        old = copy.deepcopy((self.held, self.versions, self.next))
        try:
            return self._transaction(bundle)
        except Refused:
            self.held, self.versions, self.next = old
            raise

    def _transaction(self, bundle):
        urls, answers, keys = {}, [], []
        entries = bundle['entry']
        for entry in entries:  # who is there already, or will be
            kind = entry['resource']['resourceType']
            request = entry['request']
            condition = request.get('ifNoneExist') or request['url'].partition('?')[2]
            if 'id' in entry['resource']:
                raise Refused(400, 'an id in an entry with a condition')
            found = self.search(kind, condition)
            if self.ignores_conditions and request['method'] == 'POST':
                found = []
            if len(found) > 1:
                raise Refused(412, 'matched %d resources: %s' % (len(found), condition))
            new = not found
            if new:
                key = str(self.next)
                self.next += 1
            else:
                key = found[0]['id']
            urls[entry['fullUrl']] = kind + '/' + key
            keys.append((kind, key, new, request['method']))
        text = json.dumps(entries)
        for url, reference in urls.items():
            text = text.replace('"reference": "%s"' % url,
                                '"reference": "%s"' % reference)
        for entry, (kind, key, new, method) in zip(json.loads(text), keys):
            if new or method == 'PUT':
                self.put(kind, entry['resource'], key)
            answers.append({'response': {
                'status': '201 Created' if new else '200 OK',
                'location': '%s/%s/_history/1' % (kind, key)}})
        return {'resourceType': 'Bundle', 'type': 'transaction-response',
                'entry': answers}


class Handler(BaseHTTPRequestHandler):
    protocol_version = 'HTTP/1.1'

    def log_message(self, *_):
        pass

    # ---- answers ----

    def say(self, status, body, headers=(), kind='application/fhir+json'):
        if not isinstance(body, bytes):
            body = (body if isinstance(body, str) else json.dumps(body)).encode()
        self.send_response(status)
        for name, value in headers:
            self.send_header(name, value)
        if kind:
            self.send_header('Content-Type', kind)
        self.send_header('Content-Length', str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def hang_up(self, resets=False):
        if resets:
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER,
                                       b'\1\0\0\0\0\0\0\0')
        else:
            try:
                self.connection.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
        self.connection.close()
        self.close_connection = True

    # ---- requests ----

    def do_GET(self):
        self.take(None)

    def do_POST(self):
        self.take(self.rfile.read(int(self.headers['Content-Length'])))

    do_PUT = do_POST

    def take(self, body):
        server = self.server
        if server.sleeps:
            time.sleep(server.sleeps)
        if body and self.headers.get('Content-Encoding') is None:
            try:
                body = json.loads(body)
            except ValueError:
                pass
        with server.lock:
            server.seen.append((self.command, self.path, dict(self.headers), body))
            matters = server.matters(self)
            server.tried += matters
            fault = server.plan.pop(0) if server.plan and matters else None
        if server.guard and not server.guard(self):
            return self.say(401, outcome('not you'))
        if fault:
            return fault(self, body)
        self.behave(body)

    def behave(self, body):
        status, answer, headers = self.answer(body)
        self.say(status, answer, headers)

    def answer(self, body):
        """(status, body, headers), and what is to be held is held."""
        server = self.server
        if not self.path.startswith(server.root):
            return 404, outcome('no such path'), ()
        path, _, query = self.path[len(server.root):].partition('?')
        path = path.strip('/')
        try:
            with server.lock:
                if path == 'metadata':
                    return 200, server.statement, ()
                if self.command == 'GET':
                    entries = [{'resource': r, 'search': {'mode': 'match'}}
                               for r in server.store.search(path, query)]
                    return 200, {'resourceType': 'Bundle', 'type': 'searchset',
                                 'total': len(entries), 'entry': entries}, ()
                if path == '':
                    if server.most and len(body['entry']) > server.most:
                        raise Refused(server.too_many, 'Transaction of more than '
                                      '%d entries' % server.most)
                    return 200, server.store.transaction(body), ()
                condition = query if self.command == 'PUT' else \
                    self.headers.get('If-None-Exist')
                key, status = server.store.one(self.command, path, condition, body)
                return status, '' if server.terse else server.store.held[path, key], (
                    ('Location', '%s%s/%s/_history/1' % (
                        server.base, path, key)),)
        except Refused as refused:
            return refused.status, outcome(str(refused), refused.code), ()


class Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64

    def __init__(self, release='5.0.0', certificate=None, host='127.0.0.1', **more):
        self.address_family = socket.AF_INET6 if ':' in host else socket.AF_INET
        super().__init__((host, 0), Handler)
        self.lock = threading.RLock()
        self.root, self.scheme = '/fhir', 'http'
        if certificate:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(certificate)
            self.socket = context.wrap_socket(self.socket, server_side=True)
            self.scheme = 'https'
        self.base = '%s://%s:%d/fhir/' % (
            self.scheme, '[%s]' % host if ':' in host else host, self.server_port)
        self.store = Store()
        self.statement = capability(release, **more)
        self.plan, self.seen, self.tried = [], [], 0
        self.sleeps, self.most, self.too_many = 0, 0, 413
        self.terse, self.guard = False, None
        self.matters = lambda request: not request.path.endswith('/metadata')
        threading.Thread(target=self.serve_forever, args=(0.02,),
                         daemon=True).start()

    def handle_error(self, request, client_address):
        pass  # who hangs up is part of the test

    def writes(self):
        return [s for s in self.seen if s[0] != 'GET']

    def end(self):
        self.shutdown()
        self.server_close()
