// Required bindings, where the definitions hold enough to list the codes.
'use strict';

// Value sets that are defined by a grammar and not by a list.
const GRAMMARS = {
  'http://hl7.org/fhir/ValueSet/mimetypes': /^[\w.+-]+\/[\w.+-]+(\s*;.*)?$/,
  'http://hl7.org/fhir/ValueSet/all-languages':
    /^[A-Za-z]{1,8}(-[A-Za-z0-9]{1,8})*$/,
};

class Terminology {
  constructor(definitions, report) {
    this.definitions = definitions;
    this.report = report;
    this.expansions = new Map();
    this.unchecked = new Set();
  }

  resource() {
    // Bindings are on elements only.
  }

  element({ value, property, typeName, path }) {
    const { binding } = property.definition;
    if (!binding || binding.strength !== 'required' || !binding.valueSet)
      return;
    const url = binding.valueSet.replace(/\|.*$/, '');
    const codings = codingsOf(typeName, value);
    if (!codings)
      return;
    if (GRAMMARS[url]) {
      if (codings.some(({ code }) => !GRAMMARS[url].test(code)))
        this.report(path, `is not of the form of ${url}`);
      return;
    }
    const expansion = this.expand(url);
    if (!expansion) {
      this.unchecked.add(url);
      return;
    }
    if (!codings.some((coding) => contains(expansion, coding)))
      this.report(path, `is not in the required value set ${url}`);
  }

  // Map of system -> Set of codes; undefined where it cannot be listed.
  expand(url) {
    if (!this.expansions.has(url)) {
      this.expansions.set(url, undefined); // a cycle ends here
      const valueSet = this.definitions.terminology('ValueSet', url);
      if (valueSet && valueSet.compose)
        this.expansions.set(url, this.compose(valueSet.compose));
    }
    return this.expansions.get(url);
  }

  compose({ include = [], exclude = [] }) {
    const result = new Map();
    for (const part of include) {
      const codes = this.part(part);
      if (!codes)
        return undefined;
      for (const [system, list] of codes)
        list.forEach((code) => setOf(result, system).add(code));
    }
    for (const part of exclude) {
      const codes = this.part(part);
      if (!codes)
        return undefined;
      for (const [system, list] of codes)
        list.forEach((code) => setOf(result, system).delete(code));
    }
    return result;
  }

  part({ system, concept, filter, valueSet }) {
    if (valueSet) // several of them would be an intersection
      return valueSet.length === 1 && !system ?
        this.expand(valueSet[0].replace(/\|.*$/, '')) : undefined;
    if (concept)
      return new Map([[system, new Set(concept.map((one) => one.code))]]);
    const codeSystem = this.definitions.terminology('CodeSystem', system);
    if (!codeSystem || codeSystem.content !== 'complete')
      return undefined;
    let codes = conceptsOf(codeSystem);
    for (const one of filter || []) {
      codes = codes && filtered(codes, one);
    }
    return codes && new Map([[system, new Set(codes.map((one) => one.code))]]);
  }
}

function setOf(map, key) {
  if (!map.has(key))
    map.set(key, new Set());
  return map.get(key);
}

// The concepts, flat, each with the codes above it.
function conceptsOf(codeSystem) {
  const all = [];
  const add = (concepts, above) => {
    for (const concept of concepts || []) {
      const parents = (concept.property || [])
        .filter(({ code }) => code === 'subsumedBy')
        .map(({ valueCode }) => valueCode);
      all.push({ code: concept.code, above: [...above, ...parents] });
      add(concept.concept, [...above, concept.code]);
    }
  };
  add(codeSystem.concept, []);
  return all;
}

function filtered(codes, { property, op, value }) {
  if (property !== 'concept' || !['is-a', 'descendent-of'].includes(op))
    return undefined;
  const inside = new Set([value]);
  for (let before = 0; before !== inside.size;) {
    before = inside.size;
    for (const { code, above } of codes)
      if (above.some((one) => inside.has(one)))
        inside.add(code);
  }
  if (op === 'descendent-of')
    inside.delete(value);
  return codes.filter(({ code }) => inside.has(code));
}

// The codings of a bound element; undefined where the type has none.
function codingsOf(typeName, value) {
  switch (typeName) {
  case 'Coding':
    return [value];
  case 'CodeableConcept':
    return value.coding || [];
  case 'CodeableReference':
    return value.concept && (value.concept.coding || []);
  case 'Quantity':
    return value.code === undefined ? undefined : [value];
  default: // code, string, uri: the system is implied
    return typeof value === 'string' ? [{ code: value, implied: true }] :
      undefined;
  }
}

function contains(expansion, { system, code, implied }) {
  if (!implied)
    return expansion.has(system) && expansion.get(system).has(code);
  return [...expansion.values()].some((codes) => codes.has(code));
}

module.exports = { Terminology };
