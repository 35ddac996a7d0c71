#!/usr/bin/env node
// Validate FHIR Bundles, resources and NDJSON by the official definitions.
//
//   node check-fhir.js [-v] R4|R5 CACHE_DIR FILE...      - is standard input
//
// CACHE_DIR is filled by fetch-definitions.  Two ways: the JSON schema, and a
// walk over the StructureDefinitions with bindings, references, extensions
// and FHIRPath constraints.  Prints "N resources valid" and ends with 0, or
// prints each fault and ends with 1; 2 is a usage error.  With -v it tells
// also which bindings and constraints could not be evaluated.
'use strict';

const fs = require('fs');

const { parseFile } = require('./fhir/json');
const { Definitions } = require('./fhir/definitions');
const { Structure } = require('./fhir/structure');
const { Terminology } = require('./fhir/terminology');
const { Extensions } = require('./fhir/extensions');
const { References } = require('./fhir/references');
const { BundleRules } = require('./fhir/bundle');
const { ImagingRules } = require('./fhir/imaging');
const { QuantityRules } = require('./fhir/quantity');
const { Invariants } = require('./fhir/invariants');
const { Schema } = require('./fhir/schema');

const JUDGES = [Terminology, Extensions, References, BundleRules, ImagingRules,
  QuantityRules, Invariants, Schema];

class Checker {
  constructor(release, cache) {
    this.faults = [];
    this.count = 0;
    const report = (path, message) => this.faults.push({ path, message });
    const definitions = new Definitions(release, cache);
    this.judges = JUDGES.map((Judge) => new Judge(definitions, report));
    this.structure = new Structure(definitions, report, [...this.judges,
      { element: () => {}, resource: () => { this.count += 1; } }]);
  }

  // The faults of one JSON text (or of NDJSON), each {path, message}.
  check(text) {
    this.faults.length = 0;
    let values;
    try {
      values = parseFile(text);
    } catch (error) {
      return [{ path: '', message: error.message }];
    }
    values.forEach(({ value, spellings }, i) => {
      const name = (value && value.resourceType) || 'value';
      this.structure.spellings = spellings;
      this.structure.resource(value,
        values.length > 1 ? `[${i}]${name}` : name);
    });
    if (this.structure.stumbled && this.faults.length === 0)
      throw this.structure.stumbled;
    this.structure.stumbled = undefined;
    return this.faults.slice();
  }

  unchecked() {
    return this.judges.flatMap((judge) => [...(judge.unchecked || [])]).sort();
  }
}

function main(argv) {
  const verbose = argv[0] === '-v' && argv.shift();
  const [release, cache, ...files] = argv;
  if (!['R4', 'R5'].includes(release) || files.length === 0) {
    console.error('usage: check-fhir.js [-v] R4|R5 CACHE_DIR FILE...');
    return 2;
  }
  const checker = new Checker(release, cache);
  let faulty = 0;
  for (const file of files) {
    const faults = checker.check(fs.readFileSync(file === '-' ? 0 : file,
      'utf8'));
    faulty += faults.length;
    for (const { path, message } of faults)
      console.log(`${file}: ${path}: ${message}`);
  }
  if (verbose)
    for (const one of checker.unchecked())
      console.log(`not evaluated: ${one}`);
  if (faulty > 0) {
    console.log(`${faulty} faults in ${checker.count} resources`);
    return 1;
  }
  console.log(`${checker.count} resources valid`);
  return 0;
}

module.exports = { Checker };

if (require.main === module)
  process.exitCode = main(process.argv.slice(2));
