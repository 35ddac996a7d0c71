// The official JSON schemas, with ajv.  They are draft 6 and have faults of
// their own, which are put right here.
'use strict';

const fs = require('fs');
const path = require('path');

class Schema {
  constructor(definitions, report) {
    const Ajv = require(path.join(definitions.modules, 'ajv')).default;
    const schema = JSON.parse(fs.readFileSync(definitions.schema, 'utf8'));
    this.report = report;
    this.definitions = schema.definitions;
    this.repair();
    // R5's pattern of decimal is no regex with the unicode flag.
    this.ajv = new Ajv({ strict: false, unicodeRegExp: false, allErrors: true,
      validateFormats: false });
    this.ajv.addSchema({ $id: 'fhir', definitions: this.definitions });
  }

  repair() {
    // A resource in a resource is validated by itself: one oneOf over all of
    // them says nothing useful of a fault.
    this.definitions.ResourceList = { type: 'object',
      required: ['resourceType'] };
    for (const { properties = {} } of Object.values(this.definitions)) {
      for (const name of Object.keys(properties)) {
        const companion = properties[`_${name}`];
        // null stands where a primitive of a list, or its _ part, is missing.
        for (const one of companion ? [companion, properties[name]] : [])
          if (one.items)
            one.items = { anyOf: [{ type: 'null' }, one.items] };
      }
    }
  }

  element() {
    // Whole resources are validated.
  }

  resource({ value, typeName, path: at }) {
    const validate = this.ajv.getSchema(`fhir#/definitions/${typeName}`);
    if (!validate) {
      this.report(at, `JSON schema: there is no ${typeName}`);
      return;
    }
    if (validate(value))
      return;
    for (const { instancePath, message, params } of validate.errors) {
      const extra = params.additionalProperty || params.allowedValues || '';
      this.report(at + instancePath.replace(/\/(\d+)/g, '[$1]')
        .replace(/\//g, '.'), `JSON schema: ${message} ${extra}`.trim());
    }
  }
}

module.exports = { Schema };
