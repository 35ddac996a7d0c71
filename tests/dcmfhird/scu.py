"""A storage SCU of a test: as small as PS3.8 lets one be, and as rude as it is
told to be."""
import socket
import struct

CT = '1.2.840.10008.5.1.4.1.1.2'
VERIFICATION = '1.2.840.10008.1.1'
IMPLICIT = '1.2.840.10008.1.2'
EXPLICIT = '1.2.840.10008.1.2.1'


class Gone(Exception):
    """The association ended, in whatever way."""


def item(kind, data):
    return struct.pack('>BBH', kind, 0, len(data)) + data


def request(calling, called, contexts):
    """A-ASSOCIATE-RQ; contexts: [(abstract syntax, transfer syntax)]."""
    items = item(0x10, b'1.2.840.10008.3.1.1.1')
    for i, (abstract, transfer) in enumerate(contexts):
        items += item(0x20, struct.pack('>BBBB', 2 * i + 1, 0, 0, 0) +
                      item(0x30, abstract.encode()) + item(0x40, transfer.encode()))
    items += item(0x50, item(0x51, struct.pack('>I', 16384)) + item(0x52, b'1.2.3'))
    body = struct.pack('>HH', 1, 0) + called.ljust(16).encode() + \
        calling.ljust(16).encode() + b'\0' * 32 + items
    return struct.pack('>BBI', 1, 0, len(body)) + body


def even(uid):
    return uid.encode() + b'\0' * (len(uid) % 2)


def command(elements):
    data = b''.join(struct.pack('<HHI', 0, number, len(value)) + value
                    for number, value in elements)
    return struct.pack('<HHII', 0, 0, 4, len(data)) + data


def element_of(data, wanted):
    at = 0
    while at + 8 <= len(data):
        _, number, length = struct.unpack_from('<HHI', data, at)
        if number == wanted:
            return data[at + 8:at + 8 + length]
        at += 8 + length
    return b''


class Association:
    def __init__(self, port, calling='TEST', called='DCMFHIR', abstract=CT,
                 transfer=EXPLICIT, timeout=30):
        self.abstract, self.number = abstract, 0
        try:
            self.socket = socket.create_connection(('127.0.0.1', port), timeout)
            self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self.socket.sendall(request(calling, called, [(abstract, transfer)]))
            self.kind, self.answer = self.pdu()
        except OSError as error:
            raise Gone(str(error))
        self.accepted = self.kind == 2

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def read(self, length):
        data = b''
        while len(data) < length:
            try:
                more = self.socket.recv(length - len(data))
            except OSError as error:
                raise Gone(str(error))
            if not more:
                raise Gone('closed')
            data += more
        return data

    def pdu(self):
        kind, _, length = struct.unpack('>BBI', self.read(6))
        return kind, self.read(length)

    def send(self, data, is_command):
        """As presentation data values of no more than the peer takes."""
        for at in range(0, len(data), 16000):
            part = data[at:at + 16000]
            control = (1 if is_command else 0) | (2 if at + 16000 >= len(data) else 0)
            value = struct.pack('>IBB', len(part) + 2, 1, control) + part
            try:
                self.socket.sendall(struct.pack('>BBI', 4, 0, len(value)) + value)
            except OSError as error:
                raise Gone(str(error))

    def status(self):
        kind, data = self.pdu()
        if kind != 4:
            raise Gone('PDU %d' % kind)
        return struct.unpack('<H', element_of(data[6:], 0x900))[0]

    def begin_store(self, instance):
        self.number += 1
        self.send(command([(2, even(self.abstract)), (0x100, struct.pack('<H', 1)),
                           (0x110, struct.pack('<H', self.number)),
                           (0x700, struct.pack('<H', 0)),
                           (0x800, struct.pack('<H', 0)), (0x1000, even(instance))]),
                  True)

    def store(self, instance, dataset):
        """What it is answered with."""
        self.begin_store(instance)
        self.send(dataset, False)
        return self.status()

    def echo(self):
        self.number += 1
        self.send(command([(2, even(VERIFICATION)), (0x100, struct.pack('<H', 0x30)),
                           (0x110, struct.pack('<H', self.number)),
                           (0x800, struct.pack('<H', 0x101))]), True)
        return self.status()

    def release(self):
        try:
            self.socket.sendall(struct.pack('>BBII', 5, 0, 4, 0))
            return self.pdu()[0] == 6
        except OSError:
            return False
