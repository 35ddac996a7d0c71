// The walk over a resource by its StructureDefinitions: unknown and missing
// elements, cardinalities, types, choices.  Each element that is met is handed
// to the visitors, which know the other rules.
'use strict';

const { Primitives } = require('./primitives');

function isObject(value) {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

class Structure {
  // visitors: objects with element(place) and resource(place).
  constructor(definitions, report, visitors) {
    this.definitions = definitions;
    this.primitives = new Primitives(definitions);
    this.report = report;
    this.visitors = visitors;
    this.spellings = new WeakMap();
    this.stumbled = undefined;
  }

  // The visitors see places: {value, companion, property, typeName, path,
  // resource, root, parent}.  companion is what stands in _name; root is the
  // resource that holds the contained ones; parent is the place around.
  visit(kind, ...place) {
    for (const visitor of this.visitors) {
      try {
        visitor[kind](...place);
      } catch (error) {
        // They rely on the shape, which this walk finds fault with itself;
        // the caller looks whether it did.
        this.stumbled = this.stumbled || error;
      }
    }
  }

  resource(value, path, parent) {
    if (!isObject(value) || typeof value.resourceType !== 'string') {
      this.report(path, 'is not a resource');
      return;
    }
    const typeName = value.resourceType;
    if (!this.definitions.isResource(typeName)) {
      this.report(path, `there is no resource type ${typeName}`);
      return;
    }
    const contained = parent && parent.property &&
      parent.property.name === 'contained';
    const place = { value, typeName, path, resource: value, parent,
      root: contained ? parent.root : value };
    this.visit('resource', place, contained);
    this.object(place);
  }

  object(place) {
    const { value, typeName, path } = place;
    if (!isObject(value)) {
      this.report(path, 'is not an object');
      return;
    }
    const type = this.definitions.type(typeName);
    const isResource = value === place.resource;
    const known = Object.keys(value).filter((key) =>
      !(isResource && key === 'resourceType') &&
      this.isKnown(key, type, path));
    if (Object.keys(value).length === (isResource ? 1 : 0) &&
        typeName !== 'Parameters')
      this.report(path, 'is empty');
    this.cardinalities(value, type, path);
    for (const name of new Set(known.map((key) => key.replace(/^_/, ''))))
      this.property(place, type.properties.get(name));
  }

  isKnown(key, type, path) {
    const property = type.properties.get(key.replace(/^_/, ''));
    if (!property) {
      this.report(`${path}.${key}`, `unknown element of ${type.name}`);
      return false;
    }
    if (key.startsWith('_') && !this.definitions.isPrimitive(property.type)) {
      this.report(`${path}.${key}`, 'only a primitive has this');
      return false;
    }
    return true;
  }

  cardinalities(value, type, path) {
    const groups = new Map(); // element of the definition -> JSON names found
    for (const property of type.properties.values()) {
      const group = groups.get(property.path) || { property, names: [] };
      groups.set(property.path, group);
      if (value[property.name] !== undefined ||
          value[`_${property.name}`] !== undefined)
        group.names.push(property.name);
    }
    for (const { property, names } of groups.values()) {
      const label = `${path}.${property.choice || property.name}`;
      if (names.length > 1)
        this.report(label, `more than one of a choice: ${names.join(', ')}`);
      const count = names.length && Math.max(...['', '_'].map((prefix) =>
        [].concat(value[prefix + names[0]] ?? []).length));
      if (count < property.min)
        this.report(label, `is required (${property.min} at least)`);
      if (count > property.max)
        this.report(label, `there are ${count}, at most ${property.max}`);
    }
  }

  property(place, property) {
    const value = place.value[property.name];
    const companion = place.value[`_${property.name}`];
    const path = `${place.path}.${property.name}`;
    if (property.max === 1) {
      this.one(place, property, value, companion, path,
        this.spelling(place.value, property.name));
      return;
    }
    for (const list of [value, companion]) {
      if (list !== undefined && !Array.isArray(list)) {
        this.report(path, 'must be an array');
        return;
      }
      if (list && list.length === 0)
        this.report(path, 'is an empty array');
    }
    if (value && companion && value.length !== companion.length)
      this.report(path, `_${property.name} is not of the same length`);
    const length = Math.max((value || []).length, (companion || []).length);
    for (let i = 0; i < length; i++) {
      this.one(place, property, (value || [])[i], (companion || [])[i],
        `${path}[${i}]`, this.spelling(value, i));
    }
  }

  spelling(container, key) {
    const found = container && this.spellings.get(container);
    return found && found[key];
  }

  one(parent, property, value, companion, path, spelling) {
    const place = { value, companion, property, typeName: property.type, path,
      resource: parent.resource, root: parent.root, parent };
    if (this.definitions.isPrimitive(property.type)) {
      this.primitive(place, spelling);
    } else if (property.type === 'Resource') {
      this.resource(value, path, place);
    } else if (!isObject(value)) {
      this.report(path, `is not an object (${property.type})`);
    } else {
      this.visit('element', place);
      this.object(place);
    }
  }

  primitive(place, spelling) {
    const { value, companion, typeName, path } = place;
    const many = place.property.max > 1;
    const absent = (one) => one === undefined || (one === null && many);
    if (absent(value) && absent(companion)) {
      this.report(path, 'is null, with nothing beside it');
      return;
    }
    if (!absent(value)) {
      const fault = this.primitives.fault(typeName, value, spelling);
      if (fault)
        this.report(path, fault);
      else
        this.visit('element', place);
    }
    if (!absent(companion))
      this.object({ ...place, value: companion });
  }
}

module.exports = { Structure, isObject };
