// Bundles: the invariants of the type, and what a server does with a
// transaction (FHIR's http.html, "transaction").
'use strict';

const WITH_BODY = ['POST', 'PUT', 'PATCH'];

function duplicates(list) {
  return [...new Set(list.filter((one, i) => list.indexOf(one) !== i))];
}

class BundleRules {
  constructor(definitions, report) {
    this.definitions = definitions;
    this.report = report;
  }

  element() {
    // Only whole Bundles are looked at.
  }

  resource({ value, path }) {
    if (value.resourceType !== 'Bundle' || !Array.isArray(value.entry))
      return;
    const urls = value.entry.filter((entry) => entry.fullUrl)
      .map(({ fullUrl, resource }) => `${fullUrl} ${
        (resource && resource.meta && resource.meta.versionId) || ''}`);
    for (const url of duplicates(urls))
      this.report(path, `fullUrl ${url.trim()} is there twice (bdl-7)`);
    // What other types may have is left to the invariants of the definition.
    const asked = ['transaction', 'batch'].includes(value.type);
    value.entry.forEach((entry, i) =>
      this.entry(entry, asked, `${path}.entry[${i}]`));
    if (value.type === 'transaction')
      this.transaction(value.entry, path);
  }

  entry(entry, asked, path) {
    if (asked && entry.request === undefined)
      this.report(path, 'needs a request (bdl-3)');
    if (!entry.resource && !entry.request && !entry.response)
      this.report(path, 'has no resource (bdl-5)');
    if (entry.fullUrl)
      this.fullUrl(entry, path);
    if (entry.request && asked)
      this.request(entry, path);
  }

  fullUrl({ fullUrl, resource }, path) {
    if (fullUrl.includes('/_history/'))
      this.report(path, 'fullUrl names a version (bdl-8)');
    if (!/^[a-z][a-z0-9+.-]*:/.test(fullUrl))
      this.report(path, 'fullUrl is not absolute');
    const ending = resource && `/${resource.resourceType}/${resource.id}`;
    if (/^https?:/.test(fullUrl) && resource && resource.id &&
        !fullUrl.endsWith(ending))
      this.report(path, 'fullUrl disagrees with the id');
  }

  request({ request, resource, fullUrl }, path) {
    const { method, url, ifNoneExist } = request;
    if (typeof url !== 'string')
      return; // reported as a missing element
    if (!resource && WITH_BODY.includes(method))
      this.report(path, `${method} needs a resource`);
    if (resource && ['GET', 'HEAD', 'DELETE'].includes(method))
      this.report(path, `${method} cannot have a resource`);
    if (ifNoneExist !== undefined && method !== 'POST')
      this.report(path, 'ifNoneExist is for POST');
    if (!resource || !WITH_BODY.includes(method))
      return;
    const [target, query] = url.split(/\?(.*)/s);
    const [type, id] = target.split('/');
    if ((query || ifNoneExist) && resource.id !== undefined)
      this.report(path, 'a server gives the id of what a condition finds');
    if (Buffer.byteLength(ifNoneExist || url) > 700)
      this.report(path, 'the condition is too long for servers');
    for (const { value } of [resource.identifier || []].flat())
      if (typeof value === 'string' && value === fullUrl)
        this.report(path, 'an identifier is the fullUrl');
    if (type !== resource.resourceType)
      this.report(path, `the url is not one of ${resource.resourceType}`);
    if (method === 'POST' && url !== resource.resourceType)
      this.report(path, 'the url of a POST is the type');
    if (method === 'PUT' && query === undefined && id !== resource.id)
      this.report(path, 'the url of a PUT disagrees with the id');
    if (method === 'PUT' && query === '')
      this.report(path, 'an empty search');
    this.condition(query, resource, path);
    this.condition(ifNoneExist, resource, path);
  }

  // A condition that the resource itself does not meet would make a new copy
  // of it each time.
  condition(query, resource, path) {
    for (const part of query ? query.replace(/^\?/, '').split('&') : []) {
      const [name, text] = part.split(/=(.*)/s);
      let token;
      try {
        token = decodeURIComponent(text || '');
      } catch {
        token = '';
      }
      if (token === '')
        this.report(path, `condition ${name} has no value`);
      if (name === 'identifier' && token && !this.isIdentified(resource, token))
        this.report(path, 'the resource does not have the identifier of its ' +
          'condition');
    }
  }

  isIdentified(resource, token) {
    const parts = token.split(/(?<!\\)\|/)
      .map((part) => part.replace(/\\([,|$\\])/g, '$1'));
    return [].concat(resource.identifier || []).some(({ system, value }) =>
      parts.length === 1 ? value === parts[0] :
        (system || '') === parts[0] && value === parts[1]);
  }

  // No resource may be written twice in one transaction.
  transaction(entries, path) {
    const requests = entries.filter((entry) => entry.request)
      .map(({ request: { method, url, ifNoneExist } }) =>
        method === 'POST' ? ifNoneExist && `POST ${url}?${ifNoneExist}` :
          `${method} ${url}`)
      .filter((one) => one && !one.startsWith('GET '));
    for (const one of duplicates(requests))
      this.report(path, `${one.slice(0, 60)} is there twice`);
  }
}

module.exports = { BundleRules };
