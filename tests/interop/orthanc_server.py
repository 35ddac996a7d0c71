"""Orthanc with its plugin for DICOMweb, in a network of its own, for it listens
to all addresses; that needs root."""
import json
import os
import shutil
import subprocess
import sys
import time
import urllib.error
import urllib.request

PLUGINS = ("/usr/share/orthanc/plugins/libOrthancDicomWeb.so",
           "/usr/lib/orthanc/libOrthancDicomWeb.so")
BASE = "http://127.0.0.1:8042"
WEB = BASE + "/dicom-web"


def skip(why):
    print("SKIP: orthanc: %s" % why)
    sys.exit(77)


def in_own_network():
    if os.environ.get("OWN_NETWORK"):
        return
    if not shutil.which("unshare") or subprocess.run(
            ["unshare", "-n", "true"], stderr=subprocess.DEVNULL).returncode:
        skip("no network of its own can be made")
    os.environ["OWN_NETWORK"] = "1"
    os.execvp("unshare", ["unshare", "-n", "sh", "-c",
                          'ip link set lo up && exec "$@"', "sh",
                          sys.executable, os.path.abspath(sys.argv[0]),
                          *sys.argv[1:]])


def ask(path, body=None):
    with urllib.request.urlopen(BASE + path, body, timeout=30) as answer:
        return answer.read()


def plugin():
    found = next((p for p in PLUGINS if os.path.exists(p)), None)
    if not shutil.which("Orthanc") or not found:
        skip("Orthanc with DICOMweb is not installed (Debian: orthanc and "
             "orthanc-dicomweb)")
    return found


def start(folder, **more):
    """The process, once it answers."""
    config = os.path.join(folder, "orthanc.json")
    with open(config, "w", encoding="utf-8") as out:
        json.dump({
            "Name": "test", "StorageDirectory": os.path.join(folder, "db"),
            "IndexDirectory": os.path.join(folder, "db"), "HttpPort": 8042,
            "DicomPort": 4242, "RemoteAccessAllowed": False,
            "AuthenticationEnabled": False, "DicomAlwaysAllowStore": True,
            "SyncStorageArea": False, "Plugins": [plugin()],
            "DicomWeb": {"Enable": True, "Root": "/dicom-web/",
                         "StudiesMetadata": "Full",
                         "SeriesMetadata": "Full"}, **more}, out)
    log = open(os.path.join(folder, "log"), "wb")
    server = subprocess.Popen(["Orthanc", config], stdout=log, stderr=log,
                              env=dict(os.environ, TCP_NODELAY="1"))
    for _ in range(100):
        try:
            ask("/dicom-web/studies?limit=1")
            return server
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
    server.terminate()
    skip("it does not answer")
