"""A dcmfhird of a test: its configuration, its process, its end."""
import concurrent.futures
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import traceback

sys.path.append(os.path.join(os.path.dirname(os.path.abspath(__file__)),
                             os.pardir, 'limits'))
from sanitized import is_sanitized  # noqa: E402

DCMFHIRD = os.environ.get('DCMFHIRD', './dcmfhird')
ENVIRONMENT = {k: v for k, v in os.environ.items()
               if not k.lower().endswith('_proxy')}


class Failed(Exception):
    pass


def expect(what, is_so, *details):
    if not is_so:
        raise Failed('%s %s' % (what, ' '.join(map(str, details))))


def expect_peak(process, most):
    """The most memory that it had, in KiB, is less."""
    with open('/proc/%d/status' % process.pid) as status:
        peak = int(re.search(r'VmHWM:\s+(\d+)', status.read()).group(1))
    expect('less than %d KiB' % most, is_sanitized(DCMFHIRD) or peak < most, peak)
    print('        peak: %d KiB' % peak)


def wait_for(what, is_so, seconds=20):
    end = time.monotonic() + seconds
    while not is_so():
        expect('in %d s: %s' % (seconds, what), time.monotonic() < end)
        time.sleep(0.02)


def run_one(test):
    """In a folder of its own; did it pass?"""
    name = test.__name__.replace('_', ' ')
    begin = time.monotonic()
    with Place() as place:
        try:
            test(place)
            print('ok      %s (%.1f s)' % (name, time.monotonic() - begin), flush=True)
            return True
        except Failed as fault:
            reason = str(fault)
        except Exception:
            reason = traceback.format_exc()
        print('FAILED  %s: %s\n%s' % (name, reason, place.said()), flush=True)
        return False


def run_all(tests, names, at_once=1):
    """So many at once, which is for those that mostly wait; an exit status."""
    wanted = [test for test in tests
              if not names or test.__name__.replace('_', ' ') in names]
    with concurrent.futures.ThreadPoolExecutor(at_once) as threads:
        return 0 if all(list(threads.map(run_one, wanted))) else 1


def certificate(place, name):
    """(certificate, key), signed by itself."""
    files = place.path(name + '.pem'), place.path(name + '.key')
    subprocess.run(['openssl', 'req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2',
                    '-subj', '/CN=' + name, '-out', files[0], '-keyout', files[1]],
                   check=True, stderr=subprocess.DEVNULL)
    return files


class Place:
    """A folder with a configuration, and the daemon that runs by it."""

    def __init__(self):
        self.folder = tempfile.mkdtemp(prefix='dcmfhird-')
        self.file = self.path('dcmfhird.yaml')
        self.process, self.starts = None, 0
        self.notified = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.notified.bind(self.path('notify'))
        self.notified.settimeout(20)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process and self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        self.notified.close()
        shutil.rmtree(self.folder)

    def path(self, *names):
        return os.path.join(self.folder, *names)

    def configure(self, **keys):
        """JSON is YAML."""
        keys.setdefault('state', self.path('state'))
        with open(self.file, 'w') as out:
            json.dump(keys, out)

    def command(self, *arguments):
        return subprocess.run(
            [DCMFHIRD, '-c', self.file, *arguments], text=True,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env=ENVIRONMENT)

    def start(self, *options, before=None, **more):
        """Until it says that it is ready."""
        self.starts += 1
        with open(self.path('said'), 'ab') as log:
            self.process = subprocess.Popen(
                [DCMFHIRD, '-c', self.file, *options], stderr=log, stdin=subprocess.DEVNULL,
                env=dict(ENVIRONMENT, NOTIFY_SOCKET=self.path('notify'), **more),
                preexec_fn=before)
        self.hears('READY=1')

    def port(self, role='receive'):
        """Which one the kernel has chosen for this run."""
        ports = re.findall(r'listen role=%s address=\S+ port=(\d+)' % role,
                           self.said())
        expect('it listens', ports)
        return int(ports[-1])

    def hears(self, text):
        while True:
            try:
                heard = self.notified.recv(1000).decode()
            except socket.timeout:
                raise Failed('not told: ' + text)
            if heard.startswith(text):
                return

    def said(self):
        try:
            with open(self.path('said'), errors='replace') as log:
                return log.read()
        except FileNotFoundError:
            return ''

    def end(self, number=signal.SIGTERM):
        """The exit status."""
        self.process.send_signal(number)
        try:
            return self.process.wait(20)
        except subprocess.TimeoutExpired:
            raise Failed('it does not end')
