#!/bin/sh
# Install what is needed, build, and run the tests.  On a fresh Debian 12, as
# root or with sudo.
set -e
cd "$(dirname "$0")"
./install-packages.sh dcmtk python3 python3-pydicom dicom3tools mandoc \
	openssl parallel strace valgrind
[ -x configure ] || ./autogen.sh
mkdir -p build/tests
cd build/tests
[ -f Makefile ] || ../../configure --quiet --enable-developer
make -j2
make check || {
	cat test-suite.log
	exit 1
}
