"""Small DICOM files, made of what a table of attributes says."""
import os
import struct

CT = '1.2.840.10008.5.1.4.1.1.2'
EXPLICIT = '1.2.840.10008.1.2.1'


def element(group, number, vr, value):
    data = value.encode() if isinstance(value, str) else value
    if len(data) % 2:
        data += b'\0' if vr in ('UI', 'OB') else b' '
    head = struct.pack('<HH', group, number) + vr.encode()
    if vr in ('OB', 'SQ'):
        return head + struct.pack('<HI', 0, len(data)) + data
    return head + struct.pack('<H', len(data)) + data


def dataset(elements):
    return b''.join(element(group, number, vr, value)
                    for (group, number), (vr, value) in sorted(elements.items()))


REQUEST = {'accession': (0x0008, 0x0050), 'procedure': (0x0040, 0x1001),
           'step': (0x0040, 0x0009), 'placer': (0x0040, 0x2016),
           'filler': (0x0040, 0x2017)}


def sequence(items):
    return b''.join(struct.pack('<HHI', 0xfffe, 0xe000, len(item)) + item
                    for item in items)


def requests(items):
    """Request Attributes Sequence, each item by the names of REQUEST."""
    return sequence(dataset({REQUEST[name]: ('SH', value)
                             for name, value in item.items()}) for item in items)


def instance(study, number, patient='4711', **more):
    """The dataset of an instance of a study; more: issuer, accession, name,
    description, requests, uid, and how many bytes of pixels."""
    uid = more.get('uid', '%s.1.%d' % (study, number))
    elements = {
        (0x0008, 0x0016): ('UI', CT),
        (0x0008, 0x0018): ('UI', uid),
        (0x0008, 0x0020): ('DA', '20240102'),
        (0x0008, 0x0060): ('CS', 'CT'),
        (0x0010, 0x0010): ('PN', more.get('name', 'Doe^Jane')),
        (0x0010, 0x0020): ('LO', patient),
        (0x0010, 0x0021): ('LO', more.get('issuer', 'urn:oid:1.2.3')),
        (0x0020, 0x000d): ('UI', study),
        (0x0020, 0x000e): ('UI', study + '.1'),
        (0x0020, 0x0013): ('IS', str(number)),
    }
    if 'accession' in more:
        elements[(0x0008, 0x0050)] = ('SH', more['accession'])
    if 'description' in more:
        elements[(0x0008, 0x1030)] = ('LO', more['description'])
    if 'requests' in more:
        elements[(0x0040, 0x0275)] = ('SQ', requests(more['requests']))
    if not patient:
        del elements[(0x0010, 0x0021)]
    if 'pixels' in more:
        elements[(0x7fe0, 0x0010)] = ('OB', bytes(more['pixels']))
    return dataset(elements)


def write(path, study, number, patient='4711', **more):
    """A file of such an instance."""
    uid = more.get('uid', '%s.1.%d' % (study, number))
    meta = (element(2, 1, 'OB', b'\0\1') + element(2, 2, 'UI', CT) +
            element(2, 3, 'UI', uid) + element(2, 0x10, 'UI', EXPLICIT) +
            element(2, 0x12, 'UI', '1.2.3'))
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, 'wb') as out:
        out.write(b'\0' * 128 + b'DICM' +
                  element(2, 0, 'UL', struct.pack('<I', len(meta))) + meta +
                  instance(study, number, patient, **more))
