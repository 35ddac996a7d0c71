// References: each leads somewhere, to a resource of a type that the element
// allows; and the rules for contained resources.
'use strict';

const { lastOf } = require('./definitions');

const RELATIVE = /^([A-Z][A-Za-z]+)\/([A-Za-z0-9.-]{1,64})(\/_history\/.+)?$/;

// Bundles that are complete in themselves; the rest of a search is elsewhere.
const CLOSED = ['transaction', 'batch', 'document', 'message'];
const CONDITIONAL = /^([A-Z][A-Za-z]+)\?(.+)$/;

// The Bundle around a place and the entry of it, if any.
function around(place) {
  for (let at = place; at; at = at.parent)
    if (at.typeName === 'Bundle.entry')
      return { entry: at.value, bundle: at.parent.value };
  return {};
}

class References {
  constructor(definitions, report) {
    this.definitions = definitions;
    this.report = report;
    this.indexes = new WeakMap(); // Bundle -> Map of url -> resource
  }

  index(bundle) {
    if (!this.indexes.has(bundle)) {
      const index = new Map();
      for (const { fullUrl, resource } of bundle.entry || []) {
        if (!resource)
          continue;
        if (fullUrl)
          index.set(fullUrl, resource);
        if (resource.id)
          index.set(`${resource.resourceType}/${resource.id}`, resource);
      }
      this.indexes.set(bundle, index);
    }
    return this.indexes.get(bundle);
  }

  // {type} of the target, {fault}, or {} if it lies outside.
  resolve(reference, place) {
    if (reference === '#')
      return { type: place.root.resourceType };
    if (reference.startsWith('#')) {
      const target = (place.root.contained || [])
        .find((one) => `#${one.id}` === reference);
      return target ? { type: target.resourceType } :
        { fault: 'nothing contained has this id' };
    }
    const { entry, bundle } = around(place);
    const relative = RELATIVE.exec(reference);
    const conditional = CONDITIONAL.exec(reference);
    const target = bundle && this.target(reference, relative, entry, bundle);
    if (target)
      return { type: target.resourceType };
    if (conditional)
      return bundle && bundle.type === 'transaction' ?
        { type: conditional[1] } :
        { fault: 'a search is a reference in a transaction only' };
    if (relative)
      return bundle && CLOSED.includes(bundle.type) ?
        { fault: 'nothing in the Bundle is meant by it' } :
        { type: relative[1] };
    if (/^https?:/.test(reference)) {
      const type = /\/([A-Z][A-Za-z]+)\/[^/]+$/.exec(reference);
      return { type: type && this.definitions.isResource(type[1]) ?
        type[1] : undefined };
    }
    return { fault: bundle ? 'no entry has this fullUrl' :
      'it can only be resolved in a Bundle' };
  }

  target(reference, relative, entry, bundle) {
    const index = this.index(bundle);
    const base = /^(https?:.*\/)[A-Z][A-Za-z]+\/[^/]+$/
      .exec(entry.fullUrl || '');
    return index.get(reference) ||
      (relative && base && index.get(base[1] + reference));
  }

  element(place) {
    const { value, typeName, property, path } = place;
    if (typeName !== 'Reference')
      return;
    if (['reference', 'identifier', 'display', 'extension', '_reference']
      .every((name) => value[name] === undefined))
      this.report(path, 'leads nowhere and has no identifier or display');
    let type = value.type && lastOf(value.type, '/');
    if (typeof value.reference === 'string') {
      const found = this.resolve(value.reference, place);
      if (found.fault)
        this.report(path, `${value.reference.slice(0, 60)}: ${found.fault}`);
      if (type && found.type && type !== found.type)
        this.report(path, `its type is ${type}, but it leads to ${found.type}`);
      type = found.type || type;
    }
    const allowed = this.targets(place, property);
    if (type && allowed && !allowed.includes(type))
      this.report(path, `a ${type} is not allowed here`);
  }

  // The names of the types that may be referred to; undefined: any.
  targets(place, property) {
    const holder = place.parent.typeName === 'CodeableReference' ?
      place.parent.property : property;
    const names = (holder.targets || []).map((url) => lastOf(url, '/'));
    return names.length === 0 || names.includes('Resource') ||
      !names.every((name) => this.definitions.isResource(name)) ?
      undefined : names;
  }

  // dom-2 to dom-5, and that ids of contained resources are unique.
  resource({ value, root, path }, contained) {
    if (!contained) {
      this.contained(value, path);
      return;
    }
    const meta = value.meta || {};
    if (value.contained)
      this.report(path, 'is contained and contains resources (dom-2)');
    if (meta.versionId !== undefined || meta.lastUpdated !== undefined)
      this.report(path, 'is contained and has a version (dom-4)');
    if (meta.security !== undefined)
      this.report(path, 'is contained and has a security label (dom-5)');
    if (value.id === undefined)
      this.report(path, 'is contained and has no id');
    else if (!refersTo(root, `#${value.id}`, value) && !refersTo(value, '#'))
      this.report(path, 'is contained and nothing refers to it (dom-3)');
  }

  contained({ contained }, path) {
    const ids = (Array.isArray(contained) ? contained : [])
      .map((one) => one.id);
    for (const id of new Set(ids))
      if (ids.indexOf(id) !== ids.lastIndexOf(id))
        this.report(`${path}.contained`, `id ${id} is there twice`);
  }
}

// Does the text stand as a value anywhere in it (but not in `except`)?
function refersTo(value, text, except) {
  if (value === text)
    return true;
  return typeof value === 'object' && value !== null && value !== except &&
    Object.values(value).some((one) => refersTo(one, text, except));
}

module.exports = { References };
