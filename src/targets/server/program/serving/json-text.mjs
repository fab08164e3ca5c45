/** Nesting that the exact reader follows before it gives up, so that a hostile body cannot exhaust the stack. */
const MAX_DEPTH = 64;

/** A whole number of 16 or more digits outside of a fraction: JSON.parse may round it. */
const LONG_INTEGER = /(?<![\d.])\d{16,}(?![\d.eE])/;

/**
 * Reads JSON as TensorFlow Serving does: the tokens NaN, Infinity and -Infinity are numbers, and with `exactIntegers`
 * whole numbers beyond 2^53 come as bigint instead of rounded.
 *
 * Plain JSON goes through JSON.parse; the slower exact reader is used only where the text asks for it.
 *
 * @param {string} text
 * @param {{ exactIntegers: boolean }} options
 * @returns {unknown}
 * @throws {SyntaxError}
 */
export function parseJson(text, { exactIntegers }) {
  if (exactIntegers && LONG_INTEGER.test(text)) return parseExact(text);
  try {
    return JSON.parse(text);
  } catch (error) {
    if (!/NaN|Infinity/.test(text)) throw error;
    return parseExact(text);
  }
}

/**
 * A recursive-descent reader of JSON with the three extra tokens.
 *
 * @param {string} text
 * @returns {unknown}
 * @throws {SyntaxError}
 */
export function parseExact(text) {
  const space = /[ \t\n\r]*/y;
  const number = /-?(?:0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?/y;
  const word = /true|false|null|NaN|-?Infinity/y;
  let at = 0;

  /** @param {RegExp} pattern sticky */
  const take = (pattern) => {
    pattern.lastIndex = at;
    const found = pattern.exec(text);
    if (found !== null) at = pattern.lastIndex;
    return found;
  };
  /** @param {string} expected @returns {never} */
  const fail = (expected) => {
    const found = at < text.length ? JSON.stringify(text[at]) : 'the end';
    throw new SyntaxError(`expected ${expected} at position ${at}, found ${found}`);
  };
  /** @param {string} character */
  const eat = (character) => {
    take(space);
    if (text[at] !== character) return false;
    at += 1;
    return true;
  };

  /** @param {number} depth @returns {unknown} */
  const value = (depth) => {
    if (depth > MAX_DEPTH) throw new SyntaxError(`nested deeper than ${MAX_DEPTH} levels at position ${at}`);
    if (eat('[')) return list(depth);
    if (eat('{')) return object(depth);
    const literal = take(word);
    if (literal !== null) return WORDS[/** @type {keyof typeof WORDS} */ (literal[0])];
    const digits = take(number);
    if (digits !== null) return readNumber(digits[0], digits[1] !== undefined || digits[2] !== undefined);
    return text[at] === '"' ? quoted() : fail('a value');
  };
  const quoted = () => {
    take(space);
    if (text[at] !== '"') fail('a string');
    let end = at;
    do end = text.indexOf('"', end + 1);
    while (end > 0 && backslashesBefore(text, end) % 2 === 1);
    if (end < 0) throw new SyntaxError(`the string at position ${at} has no end`);
    const found = text.slice(at, end + 1);
    at = end + 1;
    return /** @type {string} */ (JSON.parse(found));
  };
  /** @param {number} depth */
  const list = (depth) => {
    /** @type {unknown[]} */
    const items = [];
    if (eat(']')) return items;
    do items.push(value(depth + 1));
    while (eat(','));
    return eat(']') ? items : fail('"," or "]"');
  };
  /** @param {number} depth */
  const object = (depth) => {
    /** @type {Record<string, unknown>} */
    const fields = Object.create(null);
    if (eat('}')) return fields;
    do {
      const key = quoted();
      if (!eat(':')) fail('":"');
      fields[key] = value(depth + 1);
    } while (eat(','));
    return eat('}') ? fields : fail('"," or "}"');
  };

  const result = value(0);
  take(space);
  return at === text.length ? result : fail('the end');
}

const WORDS = {
  true: true,
  false: false,
  null: null,
  NaN: Number.NaN,
  Infinity: Number.POSITIVE_INFINITY,
  '-Infinity': Number.NEGATIVE_INFINITY,
};

/**
 * @param {string} digits
 * @param {boolean} fractional
 */
function readNumber(digits, fractional) {
  const number = Number(digits);
  return fractional || Number.isSafeInteger(number) ? number : BigInt(digits);
}

/**
 * @param {string} text
 * @param {number} at
 */
function backslashesBefore(text, at) {
  let count = 0;
  while (text[at - 1 - count] === '\\') count += 1;
  return count;
}
