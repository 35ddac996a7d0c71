"""The rows of faults.tsv, and what a server does in them."""
import collections
import datetime
import gzip
import json
import os
import time
import zlib

from server import capability, outcome

ALWAYS = 99
HERE = os.path.dirname(os.path.abspath(__file__))
Row = collections.namedtuple('Row', 'at plan exit tries holds says')


# ---- answers ----------------------------------------------------------------

def date(seconds):
    when = datetime.datetime.utcnow() + datetime.timedelta(seconds=seconds)
    return when.strftime('%a, %d %b %Y %H:%M:%S GMT')


def status(number, *headers):
    """An answer of that status; its headers are as in faults.tsv."""
    def fault(handler, _):
        lines = []
        for header in headers:
            name, _, value = header.partition(':')
            if value.startswith('date'):
                value = date(int(value[4:]))
            value = value.replace('_', ' ').replace(
                'PORT', str(handler.server.server_port))
            lines.append((name, value))
        handler.say(number, outcome('no'), lines)
    return fault


def page(number):
    def fault(handler, _):
        handler.say(number, '<html><body>Log in</body></html>', (), 'text/html')
    return fault


def empty(number):
    return lambda handler, _: handler.say(number, '')


def says(text):
    return lambda handler, _: handler.say(200, text)


def raw(text):
    def fault(handler, _):
        handler.wfile.write(text)
        handler.hang_up()
    return fault


def done(how):
    """The server does what is asked, and tells of it in the way of how()."""
    def fault(handler, body):
        number, answer, headers = handler.answer(body)
        how(handler, number, answer, headers)
    return fault


def written(head, form=lambda text: text, first=b'HTTP/1.1 200 OK'):
    """... in bytes of its own: head has %d for the length."""
    def how(handler, _, answer, __):
        text = json.dumps(answer).encode()
        handler.wfile.write(first + b'\r\n' + (
            head % len(text) if b'%' in head else head) + b'\r\n\r\n' +
            form(text))
        handler.hang_up()
    return done(how)


def changed(change):
    """... in an answer that is changed."""
    def how(handler, number, answer, headers):
        handler.say(number, change(answer) or answer, headers)
    return done(how)


def as_bytes(form, *headers, kind='application/fhir+json'):
    """... in a body that is changed."""
    return done(lambda handler, number, answer, _: handler.say(
        number, form(json.dumps(answer).encode()), headers, kind))


def chunk(text):
    return b'%x\r\n%s\r\n' % (len(text), text)


def half(text):
    return text[:len(text) // 2]


def silence(seconds):
    def fault(handler, _):
        time.sleep(seconds)
        handler.hang_up()
    return fault


def forever(head, block, pause=0.0):
    def fault(handler, _):
        handler.wfile.write(b'HTTP/1.1 200 OK\r\n' + head)
        try:
            while True:
                handler.wfile.write(block)
                handler.wfile.flush()
                time.sleep(pause)
        except OSError:
            handler.close_connection = True
    return fault


def early_hints(handler, body):
    handler.wfile.write(b'HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n')
    handler.behave(body)


def slow(handler, body):
    number, answer, _ = handler.answer(body)
    text = json.dumps(answer).encode()
    handler.send_response(number)
    handler.send_header('Content-Length', str(len(text)))
    handler.end_headers()
    for i in range(0, len(text), len(text) // 5):
        handler.wfile.write(text[i:i + len(text) // 5])
        handler.wfile.flush()
        time.sleep(0.3)


def closes(handler, body):
    """The connection is said to stay, and does not."""
    handler.behave(body)
    handler.hang_up()


def first_entry(value):
    def change(answer):
        answer['entry'][0]['response']['status'] = value
    return changed(change)


def no_response(answer):
    answer['entry'][0] = {}


def located(url):
    """A resource is stored, and said to be elsewhere."""
    def how(handler, number, _, __):
        handler.say(number, '', [('Location', url)])
    return done(how)


def bundle_is(kind):
    def change(answer):
        answer['type'] = kind
    return changed(change)


def entries(change):
    def how(answer):
        answer['entry'] = change(answer['entry'])
    return changed(how)


def statement(**more):
    """A CapabilityStatement with other members; None: without."""
    def fault(handler, _):
        said = dict(capability(), **more)
        handler.say(200, {k: v for k, v in said.items() if v is not None})
    return fault


REST = capability()['rest'][0]
WORDS = {
    'resets': lambda handler, _: handler.hang_up(resets=True),
    'hangs-up': lambda handler, _: handler.hang_up(),
    'nothing': raw(b''),
    'no-http': raw(b'220 mail.example ESMTP\r\n'),
    'lost': done(lambda handler, *_: handler.hang_up()),
    'lost-empty-200': done(lambda handler, *_: handler.say(200, '')),
    'lost-empty-201': done(lambda handler, *_: handler.say(201, '')),
    'cut': written(b'Content-Length: %d', half),
    'cut-status-line': raw(b'HTTP/1.1 2'),
    'cut-header': raw(b'HTTP/1.1 200 OK\r\nContent-Le'),
    'cut-chunk': written(b'Transfer-Encoding: chunked', lambda t: half(chunk(t))),
    'chunks': written(b'Transfer-Encoding: chunked', lambda t: chunk(
        half(t)) + chunk(t[len(t) // 2:]) + b'0\r\nX-Trailer: x\r\n\r\n'),
    'chunk-without-end': written(b'Transfer-Encoding: chunked', chunk),
    'chunk-of-words': written(b'Transfer-Encoding: chunked',
                              lambda t: b'many\r\n' + t),
    'chunk-too-long': written(b'Transfer-Encoding: chunked',
                              lambda t: b'%x\r\n%s' % (len(t) + 9, t)),
    'until-closed': written(b'Connection: close'),
    'length-too-small': written(b'Content-Length: 9'),
    'length-too-large': written(b'Content-Length: 9%d'),
    'length-of-words': written(b'Content-Length: some', half),
    'http-1.0': written(b'X: x', first=b'HTTP/1.0 200 OK'),
    'http-9': written(b'X: x', first=b'HTTP/9.9 200 OK'),
    'icy': written(b'X: x', first=b'ICY 200 OK'),
    'no-reason': written(b'Content-Length: %d', first=b'HTTP/1.1 200'),
    'status-000': written(b'Content-Length: %d', first=b'HTTP/1.1 000 OK'),
    'status-20': written(b'Content-Length: %d', first=b'HTTP/1.1 20 OK'),
    'status-2000': written(b'Content-Length: %d', first=b'HTTP/1.1 2000 OK'),
    'blank-lines': written(b'Content-Length: %d', first=b'\r\nHTTP/1.1 200 OK'),
    'folded': written(b'X: a\r\n b\r\nContent-Length: %d'),
    'early-hints': early_hints,
    'slow': slow,
    'closes': closes,
    'header-without-end': forever(b'X: ', b'x' * 0x10000),
    'drips': forever(b'Content-Length: 1000000\r\n\r\n', b' ', 0.2),
    'endless': forever(b'Transfer-Encoding: chunked\r\n\r\n',
                       chunk(b' ' * 0x100000)),
    'half-json': as_bytes(half),
    'json-and-more': as_bytes(lambda t: t + b'<!-- served by proxy 3 -->'),
    'json-of-nul': as_bytes(lambda t: b'\0' * len(t)),
    'json-too-deep': as_bytes(lambda t: b'[' * 100000),
    'utf-16': as_bytes(lambda t: t.decode().encode('utf-16')),
    'mark': as_bytes(lambda t: b'\xef\xbb\xbf' + t),
    'gzip': as_bytes(gzip.compress, ('Content-Encoding', 'gzip')),
    'deflate': as_bytes(zlib.compress, ('Content-Encoding', 'deflate')),
    'gzip-not': as_bytes(lambda t: t, ('Content-Encoding', 'gzip')),
    'gzip-cut': as_bytes(lambda t: half(gzip.compress(t)),
                         ('Content-Encoding', 'gzip')),
    'gzip-unknown': as_bytes(lambda t: t, ('Content-Encoding', 'x-ours')),
    'gzip-bomb': lambda handler, _: handler.say(
        200, gzip.compress(b' ' * (80 << 20), 1), [('Content-Encoding', 'gzip')]),
    'type-none': as_bytes(lambda t: t, kind=None),
    'xml': as_bytes(lambda t: b'<Bundle xmlns="http://hl7.org/fhir"/>',
                    kind='application/fhir+xml'),
    'echo': lambda handler, body: handler.say(200, body),
    'searchset': says('{"resourceType": "Bundle", "type": "searchset", '
                      '"entry": [{"resource": {}}, {"resource": {}}]}'),
    'entry-number': first_entry(201),
    'entry-null': first_entry(None),
    'entry-missing': changed(no_response),
    'less-entries': entries(lambda e: e[:-1]),
    'more-entries': entries(lambda e: e + e[:1]),
    'no-entries': entries(lambda e: []),
    'entries-reversed': entries(lambda e: e[::-1]),
    'batch-response': bundle_is('batch-response'),
    'location-elsewhere': located('https://other.example/fhir/Patient/77'),
    'other-type': changed(lambda answer: {'resourceType': 'Basic', 'id': '7'}),
    'release-none': statement(fhirVersion=None),
    'rest-none': statement(rest=None),
    'rest-empty': statement(rest=[]),
    'rest-client-first': statement(rest=[{'mode': 'client'}, REST]),
    'interaction-none': statement(rest=[{'mode': 'server'}]),
}
PREFIXES = {
    'empty-': lambda rest: empty(int(rest)),
    'page-': lambda rest: page(int(rest)),
    'silence-': lambda rest: silence(float(rest)),
    'says-': says,
    'type-': lambda rest: as_bytes(lambda t: t, kind=rest),
    'entry-': lambda rest: first_entry(rest.replace('_', ' ')),
    'release-': lambda rest: statement(fhirVersion=rest),
}


# ---- the table --------------------------------------------------------------

def fault_of(words):
    if words[0] == 'status':
        return status(int(words[1]), *words[2:])
    if words[0].isdigit():
        return status(int(words[0]))
    if words[0] in WORDS:
        return WORDS[words[0]]
    prefix = next(p for p in PREFIXES if words[0].startswith(p))
    return PREFIXES[prefix](words[0][len(prefix):])


def plan_of(text):
    words = text.split(' ')
    times = 1
    if words[0] == 'always' or len(words) > 1 and words[0].isdigit():
        times = ALWAYS if words[0] == 'always' else int(words[0])
        words = words[1:]
    return [fault_of(words)] * times


def rows():
    """{name: Row}, in the order of the table."""
    made = {}
    with open(os.path.join(HERE, 'faults.tsv'), encoding='utf-8') as table:
        for line in table:
            if line.startswith('#'):
                continue
            names, at, does, leaves, tries, holds, said = line.rstrip('\n').split('\t')
            for name in names.split(' '):
                plan = plan_of(does.replace('%', name))
                row = Row(at, plan, int(leaves), tries, holds,
                          said.replace('%', name))
                key = name if at == 'study' else at + ': ' + name
                if key in made:
                    raise ValueError('two rows ' + key)
                made[key] = row
    return made
