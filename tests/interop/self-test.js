#!/usr/bin/env node
// Can check-fhir.js fail?  The files of self-test/good must be accepted, and
// each fault of self-test/bad.json, put into a good file, must be found.
//
//   node self-test.js CACHE_DIR
'use strict';

const fs = require('fs');
const path = require('path');

const { Checker } = require('./check-fhir');

const FOLDER = path.join(__dirname, 'self-test');
const GOOD = path.join(FOLDER, 'good');

function merge(target, change) {
  for (const [key, value] of Object.entries(change)) {
    if (value && typeof value === 'object' && !Array.isArray(value))
      merge(target[key], value);
    else
      target[key] = value;
  }
}

function damage(text, { at, set, remove, merge: change, replace }) {
  if (replace) {
    if (!text.includes(replace[0]))
      throw new Error(`no ${replace[0]} in the good file`);
    return text.replace(...replace);
  }
  const value = JSON.parse(text);
  const keys = at.split('/').slice(1);
  const last = keys.pop();
  const parent = keys.reduce((one, key) => one[key], value);
  if (change)
    merge(parent[last], change);
  else if (remove)
    delete parent[last];
  else
    parent[last] = set;
  return JSON.stringify(value);
}

function isFound(checker, text, { expect }) {
  const pattern = new RegExp(expect);
  return checker.check(text)
    .some(({ path: at, message }) => pattern.test(`${at}: ${message}`));
}

function main([cache]) {
  const bad = JSON.parse(fs.readFileSync(path.join(FOLDER, 'bad.json')));
  const counts = { passed: 0, failed: 0 };
  const result = (passed, text) => {
    counts[passed ? 'passed' : 'failed'] += 1;
    if (!passed)
      console.log(`FAIL: ${text}`);
  };
  for (const release of ['R4', 'R5']) {
    const checker = new Checker(release, cache);
    for (const name of fs.readdirSync(GOOD)) {
      if (!name.startsWith(release))
        continue;
      const text = fs.readFileSync(path.join(GOOD, name), 'utf8');
      const faults = checker.check(text);
      result(faults.length === 0, `${name}: ${JSON.stringify(faults)}`);
    }
    const text = fs.readFileSync(
      path.join(GOOD, `${release}-transaction.json`), 'utf8');
    for (const one of bad)
      if (['both', release].includes(one.in))
        result(isFound(checker, damage(text, one), one),
          `${release}: not found: ${one.why}`);
  }
  console.log(`check-fhir: ${counts.passed} passed, ${counts.failed} failed`);
  return counts.failed > 0 ? 1 : 0;
}

process.exitCode = main(process.argv.slice(2));
