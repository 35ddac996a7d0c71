// Primitive values: their JSON kind, the regexes of the definitions, and the
// rules that are only in the text.
'use strict';

const NUMBERS = ['decimal', 'integer', 'positiveInt', 'unsignedInt'];

// R5's published regex has a brace too many.
const DECIMAL = '-?(0|[1-9][0-9]*)(\\.[0-9]+)?([eE][+-]?[0-9]+)?';

const UUID = /^urn:uuid:[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const OID = /^urn:oid:[0-2](\.(0|[1-9][0-9]*))+$/;

function calendarFault(text) {
  const match = /^(\d{4})-(\d\d)-(\d\d)/.exec(text);
  if (!match)
    return undefined;
  const [year, month, day] = match.slice(1).map(Number);
  const days = new Date(Date.UTC(2000, month, 0));
  days.setUTCFullYear(year, month, 0);
  return day > days.getUTCDate() ? 'no such day' : undefined;
}

function dateTimeFault(text) {
  const hasTime = text.includes('T');
  const hasOffset = /(Z|[+-]\d\d:\d\d)$/.test(text.replace(/^[^T]*T?/, ''));
  if (hasTime && !hasOffset)
    return 'a time needs an offset';
  if (!hasTime && /(Z|[+-]\d\d:\d\d)$/.test(text))
    return 'an offset needs a time';
  return calendarFault(text);
}

function integerFault(value, least) {
  if (!Number.isInteger(value) || value < least || value > 2147483647)
    return 'out of range';
  return undefined;
}

function stringFault(text) {
  if (text.trim() === '')
    return 'is empty';
  if (/[\u0000-\u0008\u000b\u000c\u000e-\u001f]/.test(text))
    return 'holds a control character';
  if (/[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/
    .test(text))
    return 'holds half a surrogate pair';
  return text.length > 1048576 ? 'is too long' : undefined;
}

function uriFault(text) {
  if (text.startsWith('urn:uuid:') && !UUID.test(text))
    return 'is no urn:uuid: (lower case)';
  if (text.startsWith('urn:oid:') && !OID.test(text))
    return 'is no urn:oid:';
  return undefined;
}

function xhtmlFault(text) {
  const div = /^<div xmlns="http:\/\/www\.w3\.org\/1999\/xhtml"[^>]*(\/>|>)/;
  return div.test(text) ? undefined : 'is no XHTML div';
}

const RULES = {
  date: calendarFault,
  instant: calendarFault,
  dateTime: dateTimeFault,
  uri: uriFault,
  url: uriFault,
  canonical: uriFault,
  xhtml: xhtmlFault,
  integer: (value) => integerFault(value, -2147483648),
  positiveInt: (value) => integerFault(value, 1),
  unsignedInt: (value) => integerFault(value, 0),
};

class Primitives {
  constructor(definitions) {
    this.definitions = definitions;
    this.regexes = new Map();
  }

  regex(type) {
    if (!this.regexes.has(type)) {
      const text = type === 'decimal' ? DECIMAL :
        this.definitions.regexOf(type);
      this.regexes.set(type, text && new RegExp(`^(?:${text})$`));
    }
    return this.regexes.get(type);
  }

  // What is wrong, or undefined.  spelling: of a number in the JSON text.
  fault(type, value, spelling) {
    const kind = type === 'boolean' ? 'boolean' :
      NUMBERS.includes(type) ? 'number' : 'string';
    if (typeof value !== kind)
      return `is not a JSON ${kind}`;
    const text = kind === 'number' ? spelling || String(value) : String(value);
    if (kind === 'string' && stringFault(text))
      return stringFault(text);
    const regex = this.regex(type);
    if (regex && !regex.test(text))
      return `does not match the regex of ${type}`;
    return RULES[type] && RULES[type](value);
  }
}

module.exports = { Primitives, OID };
