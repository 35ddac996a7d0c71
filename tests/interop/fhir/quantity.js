// UCUM units, and the profiles that every Observation of certain LOINC codes
// has to follow (FHIR's observation-vitalsigns.html).
'use strict';

const path = require('path');

const UCUM = 'http://unitsofmeasure.org';
const QUANTITIES = ['Quantity', 'Age', 'Count', 'Distance', 'Duration'];
const VITAL_SIGNS = {
  '29463-7': ['kg', 'g', '[lb_av]'],
  '8302-2': ['cm', '[in_i]'],
};

class QuantityRules {
  constructor(definitions, report) {
    this.report = report;
    this.ucum = require(path.join(definitions.modules, '@lhncbc/ucum-lhc'))
      .UcumLhcUtils.getInstance();
  }

  element({ value, typeName, path: at }) {
    if (!QUANTITIES.includes(typeName) || value.system !== UCUM || !value.code)
      return;
    if (this.ucum.validateUnitString(value.code).status !== 'valid')
      this.report(at, `${value.code} is no UCUM unit`);
  }

  resource({ value, path: at }) {
    if (value.resourceType !== 'Observation')
      return;
    const loinc = ((value.code && value.code.coding) || [])
      .filter(({ system }) => system === 'http://loinc.org')
      .map(({ code }) => code).find((code) => VITAL_SIGNS[code]);
    if (!loinc)
      return;
    const categories = (value.category || [])
      .flatMap((one) => one.coding || []);
    if (!categories.some(({ code }) => code === 'vital-signs'))
      this.report(at, `${loinc} needs the category vital-signs`);
    if (!value.effectiveDateTime && !value._effectiveDateTime &&
        !value.effectivePeriod)
      this.report(at, `${loinc} needs effective[x]`);
    if (!value.subject)
      this.report(at, `${loinc} needs a subject`);
    const quantity = value.valueQuantity;
    if (quantity && (quantity.system !== UCUM || quantity.value === undefined ||
                     !VITAL_SIGNS[loinc].includes(quantity.code)))
      this.report(at, `${loinc} is measured in ` +
        `${VITAL_SIGNS[loinc].join(', ')} of UCUM`);
    if (!quantity && !value.dataAbsentReason)
      this.report(at, `${loinc} needs valueQuantity`);
  }
}

module.exports = { QuantityRules };
