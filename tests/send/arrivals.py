"""What arrives at a server in any order (arrivals.json), and what it holds then.

A delivery is a list of instances; `holds` says how many there are of each type
in the end, `based-on` of which requested procedures each study's orders are.
"""
import itertools
import json
import os

import dicom

with open(os.path.join(os.path.dirname(__file__), 'arrivals.json')) as text:
    SETS = json.load(text)


def orders_of(one):
    count = len(one['deliveries'])
    if one.get('in-order'):
        return [tuple(range(count))]
    return list(itertools.permutations(range(count)))


def write(folder, one, root, own):
    """A folder for each delivery; root: of the UIDs; own: what makes the numbers
    of people and orders those of this run alone."""
    folders = []
    for at, instances in enumerate(one['deliveries']):
        folders.append(os.path.join(folder, str(at)))
        for number, instance in enumerate(instances, 1):
            more = dict(instance)
            uid = '%s.%d' % (root, more.pop('study'))
            patient = more.pop('patient', 'patient')
            if 'accession' in more:
                more['accession'] += own
            more['requests'] = [{name: value + own for name, value in item.items()}
                                for item in more.get('requests', [])]
            if not more['requests']:
                del more['requests']
            dicom.write('%s/%d.dcm' % (folders[-1], number), uid, number,
                        patient=patient and patient + own, **more)
    return folders


def procedures_of(study, orders):
    """Of the orders (by reference) that a study is based on; sorted."""
    return sorted(i['value'] for based in study.get('basedOn', [])
                  for i in orders.get(based.get('reference'), {}).get('identifier', [])
                  if i.get('type', {}).get('text') == 'Requested Procedure ID')
