import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Answer, serveModel, type TestServer, until } from './server-process.ts';
import { busyModel, crossRowModel, denseModel, denseRow, lookupModel, passModel } from './tiny-models.ts';

/** What the server found out about joining requests. */
async function merging(server: TestServer): Promise<{ mergeable: boolean; reason: string }> {
  return JSON.parse((await server.get('/v1/models/tiny/metadata')).text).metadata.modelpress.merging;
}

/** How many runs the model made and how many requests and instances they had. */
async function runs(server: TestServer): Promise<{ runs: number; requests: number; rows: number }> {
  const samples = await server.metrics();
  const sample = (name: string): number => samples.get(`modelpress_${name}{version="1"}`) ?? 0;
  return {
    runs: sample('batch_requests_count'),
    requests: sample('batch_requests_sum'),
    rows: sample('batch_rows_sum'),
  };
}

/** Requests sent at once. */
function together(server: TestServer, bodies: readonly unknown[]): Promise<Answer[]> {
  return Promise.all(bodies.map((body) => server.predict(body)));
}

describe('a server that waits for company', () => {
  const ARGS = ['--max-batch-delay-ms', '500', '--max-batch-size', '8'];
  let server: TestServer;
  beforeAll(async () => {
    server = await serveModel(denseModel('batch'), { args: ARGS });
  });
  afterAll(() => server.dispose());

  it('finds at load that answers do not depend on the batch', async () => {
    expect(await merging(server)).toEqual({ mergeable: true, reason: expect.stringMatching(/^tested: /) });
  });

  it('joins requests into one run and gives each its own answer', async () => {
    const before = await runs(server);
    const rows = [0, 1, 2, 3].map((i) => [i, 2 * i, 1]);
    const answers = await together(server, [...rows.map((row) => ({ instances: [row, row] }))]);
    expect(answers.map(({ text }) => JSON.parse(text))).toEqual(
      rows.map((row) => ({ predictions: [denseRow(row), denseRow(row)] })),
    );
    const after = await runs(server);
    expect([after.runs - before.runs, after.requests - before.requests, after.rows - before.rows]).toEqual([1, 4, 8]);
  });

  it('joins both forms of a request', async () => {
    const before = await runs(server);
    const [row, column] = await together(server, [
      {
        instances: [
          [1, 0, 0],
          [1, 0, 0],
          [1, 0, 0],
          [1, 0, 0],
        ],
      },
      {
        inputs: {
          x: [
            [0, 1, 0],
            [0, 1, 0],
            [0, 1, 0],
            [0, 1, 0],
          ],
        },
      },
    ]);
    expect(JSON.parse(row!.text)).toEqual({ predictions: Array(4).fill(denseRow([1, 0, 0])) });
    expect(JSON.parse(column!.text)).toEqual({ outputs: Array(4).fill(denseRow([0, 1, 0])) });
    expect((await runs(server)).runs - before.runs).toBe(1);
  });

  it('cuts a request that is larger than a batch', async () => {
    const before = await runs(server);
    const rows = Array.from({ length: 20 }, (_, i) => [i, 0, 0]);
    const { text } = await server.predict({ instances: rows });
    expect(JSON.parse(text)).toEqual({ predictions: rows.map((row) => denseRow(row)) });
    const after = await runs(server);
    expect([after.runs - before.runs, after.rows - before.rows]).toEqual([3, 20]);
  });
});

it('joins what queued up while the worker was busy with another version', async () => {
  const server = await serveModel(busyModel());
  try {
    await mkdir(join(server.directory, 'versions', '2'), { recursive: true });
    await writeFile(join(server.directory, 'versions', '2', 'model.onnx'), denseModel('batch'));
    server.process.kill('SIGHUP');
    await until(async () => (await server.get('/v1/models/tiny/versions/2/metadata')).status === 200, server);

    const long = server.predict({ instances: [10_000] }, '/versions/1:predict');
    await until(async () => (await server.metrics()).get('modelpress_running') === 1, server);
    const rows = [0, 1, 2, 3, 4].map((i) => [i, 0, 1]);
    const waiting = rows.map((row) => server.predict({ instances: [row] }));
    await until(async () => (await server.metrics()).get('modelpress_queue_length') === 5, server);
    expect((await long).status).toBe(200);
    const answers = (await Promise.all(waiting)).map(({ text }) => JSON.parse(text));
    expect(answers).toEqual(rows.map((row) => ({ predictions: [denseRow(row)] })));
    const samples = await server.metrics();
    expect(samples.get('modelpress_batch_requests_count{version="2"}')).toBe(1);
    expect(samples.get('modelpress_batch_rows_sum{version="2"}')).toBe(5);
  } finally {
    await server.dispose();
  }
});

it('joins only requests of one shape', async () => {
  const args = ['--max-batch-delay-ms', '200'];
  const server = await serveModel(passModel('x', 'y', 'float32', ['batch', 'length']), { args });
  try {
    const bodies = [[1], [1, 2], [3], [3, 4]].map((row) => ({ instances: [row] }));
    const answers = await together(server, bodies);
    expect(answers.map(({ text }) => JSON.parse(text).predictions)).toEqual(bodies.map(({ instances }) => instances));
    expect(await runs(server)).toEqual({ runs: 2, requests: 4, rows: 4 });
  } finally {
    await server.dispose();
  }
});

it('gives a refused request alone its error', async () => {
  const server = await serveModel(lookupModel(), {
    args: ['--max-batch-delay-ms', '500', '--batching', 'on', '--max-batch-size', '3'],
  });
  try {
    const answers = await together(server, [{ instances: [1] }, { instances: [7] }, { instances: [3] }]);
    expect(answers.map(({ status }) => status)).toEqual([200, 400, 200]);
    expect(answers.map(({ text }) => JSON.parse(text))).toEqual([
      { predictions: [11] },
      { error: expect.stringMatching(/the model refused the input: .*idx=7/) },
      { predictions: [13] },
    ]);
  } finally {
    await server.dispose();
  }
});

it.each<[string, Uint8Array, string[], boolean, RegExp]>([
  ['a model that looks across rows', crossRowModel(), [], false, /output "y" changes when requests share a run/],
  ['a fixed batch', denseModel(1), [], false, /the first dimension of input "x" is fixed/],
  ['a switch off', denseModel('n'), ['--batching', 'off'], false, /switched off/],
  ['a switch on', crossRowModel(), ['--batching', 'on'], true, /switched on without a test/],
  ['strings', passModel('x', 'y', 'string', ['n']), [], true, /^tested/],
])('judges %s', async (_, bytes, args, mergeable, reason) => {
  const server = await serveModel(bytes, { args });
  try {
    expect(await merging(server)).toEqual({ mergeable, reason: expect.stringMatching(reason) });
  } finally {
    await server.dispose();
  }
});

it('does not change answers of a model that looks across rows', async () => {
  const server = await serveModel(crossRowModel(), { args: ['--max-batch-delay-ms', '100'] });
  try {
    const answers = await together(server, [{ instances: [[1, 2]] }, { instances: [[3, 4]] }]);
    expect(answers.map(({ text }) => text)).toEqual(Array(2).fill('{"predictions":[[1,1]]}'));
    const { text } = await server.predict({
      instances: [
        [0, 0],
        [0, 0],
      ],
    });
    expect(text).toBe('{"predictions":[[0.5,0.5],[0.5,0.5]]}');
  } finally {
    await server.dispose();
  }
});
