// fhir-client.mjs FOLDER BASE: a FHIR client of npm asks for what it can do, a
// page of studies, the next one, and a study with its patient.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const [folder, baseUrl] = process.argv.slice(2);
const home = join(folder, 'node_modules', 'fhir-kit-client');
const { exports } = JSON.parse(readFileSync(join(home, 'package.json')));
const found = await import(join(home, exports['.'].import));
const Client = found.Client ?? found.default;
const client = new Client({ baseUrl });

function expect(what, isSo) {
  if (!isSo) throw new Error(what);
}

const statement = await client.capabilityStatement();
expect('a statement', statement.resourceType === 'CapabilityStatement');
const page = await client.search({
  resourceType: 'ImagingStudy', searchParams: { _count: 5, status: 'available' },
});
expect('five', page.entry.length === 5);
const next = await client.nextPage({ bundle: page });
expect('others', next.entry[0].resource.id !== page.entry[0].resource.id);
const id = '2.25.31415926535897932384626433832795';
const study = await client.read({ resourceType: 'ImagingStudy', id });
expect('the study', study.id === id);
const patient = await client.resolve({ reference: study.subject.reference, context: study });
expect('its patient', patient.resourceType === 'Patient');
const form = await client.search({
  resourceType: 'ImagingStudy', searchParams: { _id: id }, options: { postSearch: true },
});
expect('by a form', form.entry.length === 1);
let status = 0;
await client.read({ resourceType: 'ImagingStudy', id: '1.2.99' }).catch((error) => {
  status = error.response.status;
});
expect('404', status === 404);
console.log('asked by fhir-kit-client');
