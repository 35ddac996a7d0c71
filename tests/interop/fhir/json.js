// JSON, stricter than JSON.parse: a property that is there twice is a fault,
// and how a number was spelled is remembered (FHIR's decimals have a grammar).
'use strict';

const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const STRING = /"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/y;
const BLANK = /[ \t\r\n]*/y;
const WORDS = { true: true, false: false, null: null };

class Reader {
  constructor(text) {
    this.text = text;
    this.at = 0;
    this.spellings = new WeakMap(); // object or array -> {key: text}
  }

  fail(what) {
    const line = this.text.slice(0, this.at).split('\n').length;
    throw new SyntaxError(`line ${line}: ${what}`);
  }

  take(pattern) {
    pattern.lastIndex = this.at;
    const match = pattern.exec(this.text);
    if (!match)
      return undefined;
    this.at = pattern.lastIndex;
    return match[0];
  }

  // Skip blanks, and the given character if it comes next.
  skip(character) {
    this.take(BLANK);
    const found = this.text[this.at] === character;
    if (found) {
      this.at += 1;
      this.take(BLANK);
    }
    return found;
  }

  string() {
    const text = this.take(STRING);
    return text === undefined ? this.fail('a string is expected') :
      JSON.parse(text);
  }

  put(container, key) {
    const start = this.at;
    const value = this.value();
    if (typeof value === 'number') {
      if (!this.spellings.has(container))
        this.spellings.set(container, Object.create(null));
      this.spellings.get(container)[key] = this.text.slice(start, this.at);
    }
    container[key] = value;
  }

  object() {
    const result = {};
    if (this.skip('}'))
      return result;
    do {
      const key = this.string();
      if (Object.hasOwn(result, key))
        this.fail(`property ${key} is there twice`);
      if (!this.skip(':'))
        this.fail("':' is expected");
      this.put(result, key);
    } while (this.skip(','));
    return this.skip('}') ? result : this.fail("'}' is expected");
  }

  array() {
    const result = [];
    if (this.skip(']'))
      return result;
    do {
      this.put(result, result.length);
    } while (this.skip(','));
    return this.skip(']') ? result : this.fail("']' is expected");
  }

  value() {
    if (this.skip('{'))
      return this.object();
    if (this.skip('['))
      return this.array();
    if (this.text[this.at] === '"')
      return this.string();
    const number = this.take(NUMBER);
    if (number !== undefined)
      return Number(number);
    for (const [word, value] of Object.entries(WORDS)) {
      if (this.text.startsWith(word, this.at)) {
        this.at += word.length;
        return value;
      }
    }
    return this.fail('a value is expected');
  }
}

// {value, spellings}
function parse(text) {
  const reader = new Reader(text);
  reader.take(BLANK);
  const value = reader.value();
  reader.take(BLANK);
  if (reader.at !== text.length)
    reader.fail('more text behind the value');
  return { value, spellings: reader.spellings };
}

// A file's resources: one JSON text, or NDJSON.
function parseFile(text) {
  try {
    return [parse(text)];
  } catch (error) {
    const lines = text.split('\n').filter((line) => line.trim() !== '');
    if (lines.length < 2 || !/^\s*\{.*\}\s*$/.test(lines[0]))
      throw error;
    return lines.map(parse);
  }
}

module.exports = { parse, parseFile };
