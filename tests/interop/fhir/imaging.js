// ImagingStudy: the rules of the resource's notes (imagingstudy-notes), which
// no definition holds.
'use strict';

const { OID } = require('./primitives');

const STUDY_UID = 'urn:dicom:uid';
const URI = 'urn:ietf:rfc:3986';
// PS3.5 9.1 forbids leading zeros, but files have them; FHIR's id does not
// care, so only what is no UID at all is a fault there.
const BARE_UID = /^[0-9]+(\.[0-9]+)*$/;

class ImagingRules {
  constructor(definitions, report) {
    this.report = report;
  }

  element() {
    // Only whole studies are looked at.
  }

  resource({ value, path }) {
    if (value.resourceType !== 'ImagingStudy')
      return;
    const list = (one) => (Array.isArray(one) ? one : []);
    const uids = list(value.identifier)
      .filter(({ system }) => system === STUDY_UID);
    for (const one of uids)
      if (!/^urn:oid:/.test(one.value) || !BARE_UID.test(one.value.slice(8)))
        this.report(`${path}.identifier`,
          `${STUDY_UID} goes with urn:oid: and a UID`);
    if (list(value.series).length > 0 && uids.length !== 1)
      this.report(`${path}.identifier`,
        'a study with series has one Study Instance UID');
    this.uids(list(value.series), `${path}.series`);
    list(value.series).forEach((series, i) => {
      const at = `${path}.series[${i}].instance`;
      this.uids(list(series.instance), at);
      for (const { sopClass } of list(series.instance))
        if (sopClass && (sopClass.system !== URI || !OID.test(sopClass.code)))
          this.report(at, `sopClass is ${URI} with urn:oid: and a UID`);
    });
  }

  uids(list, path) {
    const seen = new Set();
    for (const { uid } of list) {
      if (typeof uid !== 'string')
        continue;
      if (!BARE_UID.test(uid))
        this.report(path, 'uid is a bare UID');
      if (seen.has(uid))
        this.report(path, 'two have the same uid');
      seen.add(uid);
    }
  }
}

module.exports = { ImagingRules };
