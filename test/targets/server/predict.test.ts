import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { serveModel, type TestServer } from './server-process.ts';
import {
  busyModel,
  denseModel,
  denseRow,
  identityModel,
  passModel,
  reciprocalModel,
  TYPE_NUMBERS,
} from './tiny-models.ts';

const X = [1, 2, 3];
const ROW = denseRow(X);

describe('predict with a batch axis', () => {
  let server: TestServer;
  beforeAll(async () => {
    server = await serveModel(denseModel('batch'), { args: ['--max-instances', '20', '--max-body-bytes', '4096'] });
  });
  afterAll(() => server.dispose());

  const NEGATIVE = [1, 0, -1];
  it.each([
    ['a row', { instances: [X] }, { predictions: [ROW] }],
    ['two rows', { instances: [X, NEGATIVE] }, { predictions: [ROW, denseRow(NEGATIVE)] }],
    ['a named row', { instances: [{ x: X }] }, { predictions: [ROW] }],
    ['a column', { inputs: [X] }, { outputs: [ROW] }],
    ['a named column', { inputs: { x: [X, X] } }, { outputs: [ROW, ROW] }],
    ['the signature', { signature_name: 'serving_default', instances: [X] }, { predictions: [ROW] }],
    ['an empty signature', { signature_name: '', instances: [X] }, { predictions: [ROW] }],
    ['fields that it does not know', { instances: [X], other: 1 }, { predictions: [ROW] }],
  ])('answers %s', async (_, body, expected) => {
    const { status, text, headers } = await server.predict(body);
    expect({ status, body: JSON.parse(text) }).toEqual({ status: 200, body: expected });
    expect(headers.get('content-type')).toMatch(/^application\/json/);
    expect(headers.get('x-model-version')).toBe('1');
  });

  it.each([
    ['no JSON', '{"instances": [[1, 2', 400, /the body is no JSON/],
    ['no body', '', 400, /the body is no JSON/],
    ['a list', [X], 400, /a JSON object with "instances" or "inputs"/],
    ['neither form', {}, 400, /either "instances"/],
    ['both forms', { instances: [X], inputs: [X] }, 400, /either "instances"/],
    ['no instances', { instances: [] }, 400, /at least one entry/],
    ['instances that are no list', { instances: 3 }, 400, /a list with at least one entry/],
    ['a wrong length', { instances: [[1, 2]] }, 400, /input "x" has shape \[1, 2\], expected \[batch, 3\]/],
    ['a wrong rank', { instances: X }, 400, /input "x" has shape \[3\], expected \[batch, 3\]/],
    ['too deep nesting', { instances: [[[[1]]]] }, 400, /input "x" has shape \[1, 1, 1\]/],
    ['ragged rows', { instances: [X, [1, 2]] }, 400, /ragged: on axis 1 a list of 3 was expected, found a list of 2/],
    ['text for a number', { instances: [['1', 2, 3]] }, 400, /\(float32\) holds "1", expected a number/],
    ['null', { instances: [[null, 2, 3]] }, 400, /holds null/],
    [
      'more than float32 holds',
      { instances: [[1e39, 2, 3]] },
      400,
      /holds 1e\+39, expected a number that the type can hold/,
    ],
    ['an unknown input', { inputs: { x: [X], z: 1 } }, 400, /"inputs" has "z", which is none of the inputs "x"/],
    ['another signature', { signature_name: 'other', instances: [X] }, 400, /signature_name is "other"/],
    ['too many instances', { instances: Array(21).fill(X) }, 413, /21 instances, at most 20/],
    ['too many rows in a column', { inputs: Array(21).fill(X) }, 413, /21 instances, at most 20/],
    ['too large a body', { instances: [X], filler: 'x'.repeat(5000) }, 413, /too large/],
  ])('refuses %s', async (_, body, status, message) => {
    const answer = await server.predict(body);
    expect(answer.status).toBe(status);
    expect(JSON.parse(answer.text)).toEqual({ error: expect.stringMatching(message) });
  });

  it('refuses bytes that are no UTF-8', async () => {
    const url = `${server.url}/v1/models/tiny:predict`;
    const response = await fetch(url, { method: 'POST', body: Uint8Array.of(0x7b, 0xff, 0x7d) });
    expect(response.status).toBe(400);
  });

  it('refuses a compressed body', async () => {
    const headers = { 'content-encoding': 'gzip' };
    const response = await fetch(`${server.url}/v1/models/tiny:predict`, { method: 'POST', body: '{}', headers });
    expect(response.status).toBe(415);
  });

  it.each(['application/json', 'application/x-www-form-urlencoded', 'text/plain', 'no/such'])(
    'takes a body of type %s',
    async (type) => {
      const body = JSON.stringify({ instances: [X] });
      const response = await fetch(`${server.url}/v1/models/tiny:predict`, {
        method: 'POST',
        body,
        headers: { 'content-type': type },
      });
      expect(await response.json()).toEqual({ predictions: [ROW] });
    },
  );

  it('returns exactly what float32 holds', async () => {
    const { text } = await server.predict({ instances: [[0.1, 0, 0]] });
    const sum = Math.fround(Math.fround(0.1) + 0.5);
    expect(JSON.parse(text)).toEqual({ predictions: [[sum, 0]] });
  });
});

describe('predict with every element type', () => {
  const TYPES = Object.keys(TYPE_NUMBERS) as (keyof typeof TYPE_NUMBERS)[];
  let server: TestServer;
  beforeAll(async () => {
    server = await serveModel(identityModel(TYPES));
  });
  afterAll(() => server.dispose());

  // As text, since JSON.parse would round the 64-bit integers.
  const VALUES: Readonly<Record<keyof typeof TYPE_NUMBERS, readonly [string, string]>> = {
    float32: ['-1.5', '16777216'],
    float64: ['0.1', '-1e+300'],
    float16: ['0.5', '65504'],
    int8: ['-128', '127'],
    int16: ['-32768', '32767'],
    int32: ['-2147483648', '2147483647'],
    int64: ['-9223372036854775808', '9223372036854775807'],
    uint8: ['0', '255'],
    uint16: ['0', '65535'],
    uint32: ['0', '4294967295'],
    uint64: ['9007199254740993', '18446744073709551615'],
    bool: ['true', 'false'],
    string: ['"žluť\\n"', '""'],
  };
  const row = (prefix: string, values = VALUES): string =>
    `{${TYPES.map((type) => `"${prefix}_${type}":[${values[type]}]`).join(',')}}`;

  it('returns rows as they came', async () => {
    const { status, text } = await server.predict(`{"instances":[${row('in')},${row('in')}]}`);
    expect({ status, text }).toEqual({ status: 200, text: `{"predictions":[${row('out')},${row('out')}]}` });
  });

  it('returns columns as they came', async () => {
    const columns = (prefix: string): string =>
      `{${TYPES.map((type) => `"${prefix}_${type}":[[${VALUES[type]}]]`).join(',')}}`;
    const { text } = await server.predict(`{"inputs":${columns('in')}}`);
    expect(text).toBe(`{"outputs":${columns('out')}}`);
  });

  it.each<[keyof typeof TYPE_NUMBERS, string]>([
    ['int8', '128'],
    ['uint8', '-1'],
    ['uint8', '1.5'],
    ['int32', '2147483648'],
    ['int64', '9223372036854775808'],
    ['uint64', '-1'],
    ['int64', '0.5'],
    ['float16', '65520'],
    ['bool', '1'],
    ['string', '1'],
    ['string', '{"b64": "/w=="}'],
    ['string', '{"b64": "*"}'],
  ])('refuses for %s the value %s', async (type, value) => {
    const { status, text } = await server.predict(
      `{"instances":[${row('in', { ...VALUES, [type]: [value, VALUES[type][0]] })}]}`,
    );
    expect(status).toBe(400);
    expect(JSON.parse(text).error).toMatch(new RegExp(`input "in_${type}" \\(${type}\\) holds .*, expected`));
  });

  it('names the inputs that are missing', async () => {
    const { status, text } = await server.predict({ instances: [{ in_float32: [1, 2] }] });
    expect([status, JSON.parse(text).error]).toEqual([400, expect.stringMatching(/^instance 0 lacks "in_uint8", /)]);
  });
});

describe('predict with strings', () => {
  let server: TestServer;
  beforeAll(async () => {
    server = await serveModel(passModel('text', 'text_bytes', 'string', ['batch']));
  });
  afterAll(() => server.dispose());

  it('takes base64 and writes it for outputs named so', async () => {
    const { text } = await server.predict({ instances: ['ab', { b64: Buffer.from('é').toString('base64') }] });
    const encoded = ['ab', 'é'].map((value) => ({ b64: Buffer.from(value).toString('base64') }));
    expect(JSON.parse(text)).toEqual({ predictions: encoded });
  });
});

describe('predict with NaN and infinities', () => {
  it.each([
    ['tokens', '{"outputs":{"y":[NaN,0,-Infinity,Infinity],"z":[NaN,Infinity,0,0]}}'],
    ['strings', '{"outputs":{"y":["NaN",0,"-Infinity","Infinity"],"z":["NaN","Infinity",0,0]}}'],
  ])('writes them as %s', async (form, expected) => {
    const server = await serveModel(reciprocalModel(), { args: ['--non-finite', form] });
    try {
      expect((await server.predict('{"inputs": [NaN, Infinity, -0.0, 0]}')).text).toBe(expected);
      expect((await server.predict('{"inputs": ["NaN", "Infinity", -0.0, 0]}')).text).toBe(expected);
    } finally {
      await server.dispose();
    }
  });
});

describe('predict with a batch of fixed size', () => {
  let one: TestServer;
  let two: TestServer;
  beforeAll(async () => {
    [one, two] = await Promise.all([serveModel(denseModel(1)), serveModel(denseModel(2))]);
  });
  afterAll(() => Promise.all([one.dispose(), two.dispose()]));

  it('runs a batch of one instance by instance', async () => {
    const rows = [X, [0, 1, 0], [5, 5, 5]];
    const { text } = await one.predict({ instances: rows });
    expect(JSON.parse(text)).toEqual({ predictions: rows.map((row) => denseRow(row)) });
    expect((await one.metrics()).get('modelpress_batch_rows_sum{version="1"}')).toBe(3);
    expect((await one.metrics()).get('modelpress_batch_rows_count{version="1"}')).toBe(3);
  });

  it('takes multiples of a larger one', async () => {
    const rows = [X, [0, 1, 0], [5, 5, 5], [1, 1, 1]];
    const { text } = await two.predict({ instances: rows });
    expect(JSON.parse(text)).toEqual({ predictions: rows.map((row) => denseRow(row)) });
  });

  it.each([
    [{ instances: [X, X, X] }, /instances come in multiples of 2, found 3/],
    [{ inputs: [X] }, /input "x" has shape \[1, 3\], expected \[2, 3\]/],
  ])('refuses %j', async (body, message) => {
    const { status, text } = await two.predict(body);
    expect([status, JSON.parse(text).error]).toEqual([400, expect.stringMatching(message)]);
  });
});

describe('predict where the runtime decides', () => {
  it('takes any rank where the model declares none', async () => {
    const server = await serveModel(passModel('x', 'y', 'float32', []));
    try {
      expect((await server.predict({ inputs: 1.5 })).text).toBe('{"outputs":1.5}');
      expect((await server.predict({ inputs: [[1], [2]] })).text).toBe('{"outputs":[[1],[2]]}');
      expect((await server.predict({ instances: [1.5] })).text).toBe('{"predictions":[1.5]}');
      expect((await server.predict({ inputs: [[1], 2] })).status).toBe(400);
    } finally {
      await server.dispose();
    }
  });

  it('takes tensors without elements', async () => {
    const server = await serveModel(passModel('x', 'y', 'float32', [2, 'length', 3]));
    try {
      expect((await server.predict({ inputs: [[], []] })).text).toBe('{"outputs":[[],[]]}');
    } finally {
      await server.dispose();
    }
  });

  it('answers one instance of a long run', async () => {
    const server = await serveModel(busyModel());
    try {
      expect((await server.predict({ instances: [2] })).text).toBe('{"predictions":[2]}');
    } finally {
      await server.dispose();
    }
  });
});
