// Extensions: the shape of each, and for those of HL7's pack the definition.
'use strict';

const { BASE, capitalized } = require('./definitions');
const { isObject } = require('./structure');
const { Terminology } = require('./terminology');

const ABSOLUTE = /^[a-z][a-z0-9+.-]*:/;

// Not in the pack of HL7 International, but promised by the rules.
const ETHNICITY = 'http://hl7.org/fhir/us/core/StructureDefinition/' +
  'us-core-ethnicity';
const OTHERS = {
  [ETHNICITY]: {
    contexts: [{ type: 'element', expression: 'Patient' }],
    values: [],
    parts: new Map([
      ['ombCategory', { min: 0, max: 1, values: ['valueCoding'] }],
      ['detailed', { min: 0, max: Infinity, values: ['valueCoding'] }],
      ['text', { min: 1, max: 1, values: ['valueString'] }],
    ]),
  },
};

function valueNames(elements, id) {
  const value = elements.find((element) => element.id === `${id}.value[x]`);
  if (!value || value.max === '0')
    return [];
  return value.type.map((type) => `value${capitalized(type.code)}`);
}

function partsOf(elements) {
  const parts = new Map();
  for (const element of elements) {
    const match = /^Extension\.extension:([^.]+)$/.exec(element.id);
    if (!match)
      continue;
    const url = elements.find((one) => one.id === `${element.id}.url`);
    parts.set((url && url.fixedUri) || match[1], {
      min: element.min,
      max: element.max === '*' ? Infinity : Number(element.max),
      values: valueNames(elements, element.id),
    });
  }
  return parts;
}

function readDefinition(structure) {
  const elements = structure.snapshot.element;
  return {
    contexts: structure.context || [],
    values: valueNames(elements, 'Extension'),
    parts: partsOf(elements),
    valueElement: elements.find(({ id }) => id === 'Extension.value[x]'),
  };
}

function typeOfValue(name) {
  const type = name.slice('value'.length);
  return ['Code', 'String', 'Uri'].includes(type) ? type.toLowerCase() : type;
}

class Extensions {
  constructor(definitions, report) {
    this.definitions = definitions;
    this.report = report;
    this.known = new Map(Object.entries(OTHERS));
    this.terminology = new Terminology(definitions, report);
  }

  resource() {
    // Extensions are met as elements.
  }

  definition(url) {
    if (!this.known.has(url)) {
      const structure = this.definitions.extension(url);
      this.known.set(url, structure && readDefinition(structure));
    }
    return this.known.get(url);
  }

  element(place) {
    const { value, typeName, parent, path } = place;
    if (typeName !== 'Extension' || !isObject(value))
      return;
    const values = Object.keys(value).map((key) => key.replace(/^_/, ''))
      .filter((key) => /^value[A-Z]/.test(key));
    if ((values.length > 0) === (value.extension !== undefined))
      this.report(path, 'has a value or extensions, one of the two (ext-1)');
    if (typeof value.url !== 'string')
      return;
    if (parent.typeName === 'Extension' && !ABSOLUTE.test(value.url))
      return; // a part of a complex extension, checked with that
    if (!ABSOLUTE.test(value.url)) {
      this.report(path, 'the url of an extension must be absolute');
      return;
    }
    const definition = this.definition(value.url);
    if (!definition) {
      if (value.url.startsWith(BASE))
        this.report(path, `HL7 defines no extension ${value.url}`);
      return;
    }
    this.values(definition, values, value, path);
    this.parts(definition, value, path);
    if (!this.fits(definition, place))
      this.report(path, `${value.url} does not belong here`);
  }

  values(definition, values, value, path) {
    for (const name of values) {
      if (!definition.values.includes(name))
        this.report(path, `${value.url} cannot have ${name}`);
      else if (definition.valueElement && value[name] !== undefined)
        this.terminology.element({ value: value[name], path,
          typeName: typeOfValue(name),
          property: { definition: definition.valueElement } });
    }
    if (definition.values.length > 0 && values.length === 0 &&
        definition.parts.size === 0)
      this.report(path, `${value.url} needs a value`);
  }

  parts(definition, value, path) {
    const counts = new Map();
    for (const part of value.extension || []) {
      counts.set(part.url, (counts.get(part.url) || 0) + 1);
      const expected = definition.parts.get(part.url);
      if (!expected) {
        if (!ABSOLUTE.test(part.url))
          this.report(path, `${value.url} has no part ${part.url}`);
      } else if (expected.values.length > 0 &&
                 !expected.values.some((name) => name in part)) {
        this.report(path, `part ${part.url} of ${value.url} has another type`);
      }
    }
    for (const [url, { min, max }] of definition.parts) {
      const count = counts.get(url) || 0;
      if (count < min || count > max)
        this.report(path, `${value.url}: part ${url} is there ${count} times`);
    }
  }

  fits({ contexts }, { parent }) {
    const names = this.namesOf(parent);
    return contexts.some(({ type, expression }) => {
      if (type === 'fhirpath')
        return true; // not evaluated
      if (type === 'extension')
        return parent.typeName === 'Extension' &&
          parent.value.url === expression.replace(/#.*$/, '');
      return names.has(expression);
    });
  }

  // All names under which a definition may mean this place.
  namesOf(place) {
    const { property, typeName } = place;
    const names = new Set(this.definitions.lineOf(typeName));
    if (property) {
      names.add(property.path);
      names.add(fullPath(place));
      for (const type of property.definition.type || [])
        this.definitions.lineOf(type.code).forEach((one) => names.add(one));
    }
    if ([...names].some((name) => name === 'DomainResource'))
      names.add('CanonicalResource').add('MetadataResource');
    return names;
  }
}

// As Patient.name.family, from the resource on.
function fullPath(place) {
  if (place.value === place.resource || !place.parent)
    return place.typeName;
  return `${fullPath(place.parent)}.${place.property.name}`;
}

module.exports = { Extensions };
