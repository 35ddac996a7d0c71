// The FHIRPath constraints of the definitions, evaluated with fhirpath.js.
'use strict';

const path = require('path');

// Checked by the walk itself, and slow this way on a large study: ele-1 on
// every element; dom-3 looks through the whole resource for each contained.
const ELSEWHERE = ['ele-1', 'ext-1', 'dom-3'];

// Constraints that the engine cannot evaluate are collected in `unchecked`.
class Invariants {
  constructor(definitions, report) {
    const modules = definitions.modules;
    this.engine = require(path.join(modules, 'fhirpath'));
    this.model = require(path.join(modules, 'fhirpath/fhir-context',
      definitions.release.toLowerCase()));
    this.definitions = definitions;
    this.report = report;
    this.compiled = new Map();
    this.unchecked = new Set();
    this.seen = new Set();
  }

  resource(place) {
    this.constraints(place, this.definitions.type(place.typeName).constraints,
      place.typeName);
  }

  element(place) {
    const { typeName, property, value } = place;
    const own = property.definition.constraint || [];
    const ofType = this.definitions.isPrimitive(typeName) ? [] :
      (this.definitions.type(typeName) || { constraints: [] }).constraints;
    const all = new Map([...ofType, ...own].map((one) => [one.key, one]));
    if (typeof value === 'object')
      this.constraints(place, [...all.values()], typeName);
    else
      this.ofPrimitive(place, [...all.values()]);
  }

  // Evaluated from the parent, so that the extensions are seen too.
  ofPrimitive(place, list) {
    const { property, parent } = place;
    const name = property.choice || property.name;
    const wrapped = list.map((one) => ({
      ...one, expression: `${name}.all(${one.expression})` }));
    this.constraints({ ...place, value: parent.value }, wrapped,
      parent.typeName);
  }

  constraints(place, list, base) {
    const { value, resource, root, path: at } = place;
    for (const { key, severity, expression, human } of list) {
      if (severity !== 'error' || !expression || ELSEWHERE.includes(key))
        continue;
      let result;
      try {
        result = this.compile(base, expression)(value,
          { resource, rootResource: root });
      } catch {
        this.unchecked.add(key);
        continue;
      }
      // Empty is not false: the constraint does not apply.
      if (result.some((one) => one === false))
        this.report(at, `${key}: ${human}`);
    }
  }

  compile(base, expression) {
    const key = `${base} ${expression}`;
    if (!this.compiled.has(key))
      this.compiled.set(key, this.engine.compile(
        this.definitions.isResource(base) ? expression : { base, expression },
        this.model, { traceFn: () => {} }));
    return this.compiled.get(key);
  }
}

module.exports = { Invariants };
