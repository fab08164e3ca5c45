import { spawnSync } from 'node:child_process';
import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { startServerArtifact } from '../../../src/targets/server/start-server-artifact.ts';
import { type Answer, emitModel, serveModel, type TestServer, temporaryFolder, until } from './server-process.ts';
import { busyModel, denseModel } from './tiny-models.ts';

/** Turns that keep a worker busy for a second or so; how long exactly does not matter to any test. */
const LONG = 6000;

/** A long request, returned as soon as it runs. */
async function startLong(server: TestServer, turns = LONG): Promise<{ readonly answer: Promise<Answer> }> {
  const answer = server.predict({ instances: [turns] });
  await until(async () => (await server.metrics()).get('modelpress_running') === 1, server);
  return { answer };
}

it('answers health and metrics while a run takes long', async () => {
  const server = await serveModel(busyModel());
  try {
    const { answer } = await startLong(server);
    expect((await server.get('/healthz')).status).toBe(200);
    expect((await server.metrics()).get('modelpress_running')).toBe(1);
    expect((await answer).text).toBe(`{"predictions":[${LONG}]}`);
  } finally {
    await server.dispose();
  }
});

it('turns requests away with 429 when the queue is full', async () => {
  const server = await serveModel(busyModel(), { args: ['--max-queue', '1'] });
  try {
    const { answer } = await startLong(server);
    const waiting = server.predict({ instances: [1] });
    await until(async () => (await server.metrics()).get('modelpress_queue_length') === 1, server);
    const refused = await server.predict({ instances: [1] });
    expect(refused.status).toBe(429);
    expect(refused.headers.get('retry-after')).toBe('1');
    expect(JSON.parse(refused.text)).toEqual({ error: expect.stringMatching(/2 requests are waiting or running/) });
    expect([(await answer).status, (await waiting).status]).toEqual([200, 200]);
    expect((await server.predict({ instances: [1] })).status).toBe(200);
  } finally {
    await server.dispose();
  }
});

it('turns requests away with 429 before reading them when too many are in the server', async () => {
  const server = await serveModel(busyModel(), { args: ['--max-concurrency', '1'] });
  try {
    const { answer } = await startLong(server);
    const refused = await server.predict({ instances: [1] });
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([429, '1']);
    expect((await answer).status).toBe(200);
    expect((await server.predict({ instances: [1] })).status).toBe(200);
  } finally {
    await server.dispose();
  }
});

it('gives up a request after its time with 503, and drops it from the queue', async () => {
  const server = await serveModel(busyModel(), { args: ['--request-timeout-ms', '150'] });
  try {
    const { answer } = await startLong(server, 20_000);
    const waiting = await server.predict({ instances: [1] });
    expect([waiting.status, waiting.headers.get('retry-after')]).toEqual([503, '1']);
    expect(JSON.parse(waiting.text)).toEqual({ error: 'no answer within 150 ms' });
    expect((await answer).status).toBe(503);
    expect((await server.metrics()).get('modelpress_queue_length')).toBe(0);
  } finally {
    server.process.kill('SIGKILL');
    await server.dispose();
  }
});

it('drops what a client waits for when it hangs up', async () => {
  const server = await serveModel(busyModel());
  try {
    const { answer } = await startLong(server);
    const { hostname, port } = new URL(server.url);
    const socket = connect(Number(port), hostname);
    socket.write('POST /v1/models/tiny:predict HTTP/1.1\r\nHost: x\r\nContent-Length: 17\r\n\r\n{"instances":[1]}');
    await until(async () => (await server.metrics()).get('modelpress_queue_length') === 1, server);
    socket.destroy();
    await until(async () => (await server.metrics()).get('modelpress_queue_length') === 0, server);
    expect((await answer).status).toBe(200);
    expect((await server.metrics()).get('modelpress_batch_requests_count{version="1"}')).toBe(1);
    const samples = await server.metrics();
    expect(samples.get('modelpress_in_flight_requests')).toBe(0);
    const hungUp = 'modelpress_http_requests_total{route="/v1/models/NAME:predict",method="POST",status="499"}';
    expect(samples.get(hungUp)).toBe(1);
  } finally {
    await server.dispose();
  }
});

it('finishes what is in flight on SIGTERM and ends with 0', async () => {
  const server = await serveModel(busyModel());
  const { answer } = await startLong(server);
  const waiting = server.predict({ instances: [3] });
  await until(async () => (await server.metrics()).get('modelpress_queue_length') === 1, server);
  server.process.kill('SIGTERM');
  expect((await answer).text).toBe(`{"predictions":[${LONG}]}`);
  expect((await waiting).text).toBe('{"predictions":[3]}');
  expect(await server.exited).toBe(0);
  await expect(fetch(`${server.url}/healthz`)).rejects.toThrow();
  await server.dispose();
});

it.each(['SIGINT', 'SIGTERM'] as const)('ends with 0 on %s when nothing is in flight', async (signal) => {
  const server = await serveModel(denseModel('n'));
  server.process.kill(signal);
  expect(await server.exited).toBe(0);
  await server.dispose();
});

it('says not ready while it drains, and still answers', async () => {
  const server = await serveModel(denseModel('n'), { args: ['--drain-delay-ms', '1000'] });
  server.process.kill('SIGTERM');
  await until(async () => (await server.get('/readyz')).status === 503, server);
  expect((await server.predict({ instances: [[0, 0, 0]] })).text).toBe('{"predictions":[[0.5,0]]}');
  expect(await server.exited).toBe(0);
  await server.dispose();
});

it('kills itself when a run outlasts the deadline', async () => {
  const server = await serveModel(busyModel(), { args: ['--shutdown-timeout-ms', '50'] });
  const { answer } = await startLong(server, 20_000);
  const dropped = answer.then(
    () => 'answered',
    () => 'dropped',
  );
  server.process.kill('SIGTERM');
  await server.exited;
  expect(server.process.signalCode).toBe('SIGKILL');
  expect(await dropped).toBe('dropped');
  expect(server.output()).toMatch(/requests were dropped after 50 ms/);
  await server.dispose();
});

it('ends with 1 when a client does not finish its request in time', async () => {
  const server = await serveModel(denseModel('n'), { args: ['--shutdown-timeout-ms', '50'] });
  const { hostname, port } = new URL(server.url);
  const socket = connect(Number(port), hostname);
  socket.on('error', () => undefined);
  socket.write('POST /v1/models/tiny:predict HTTP/1.1\r\nHost: x\r\nContent-Length: 17\r\n\r\n{"inst');
  await until(async () => (await server.metrics()).get('modelpress_in_flight_requests') === 1, server);
  server.process.kill('SIGTERM');
  expect(await server.exited).toBe(1);
  socket.destroy();
  await server.dispose();
});

it('ends with 0 on SIGTERM while the model is loading', async () => {
  const folder = await temporaryFolder();
  await emitModel(folder.path, busyModel());
  const server = await startServerArtifact(folder.path);
  expect({ code: await server.stop(), output: server.output() }).toMatchObject({ code: 0 });
  await folder.remove();
});

it('ends with 1 where the port is taken', async () => {
  const server = await serveModel(denseModel('n'));
  const { port } = new URL(server.url);
  const second = startServerArtifact(server.directory, { args: ['--port', port] });
  await expect(second).rejects.toThrow(/EADDRINUSE/);
  await server.dispose();
});

it('ends at once on a second signal', async () => {
  const server = await serveModel(denseModel('n'), { args: ['--drain-delay-ms', '60000'] });
  server.process.kill('SIGTERM');
  await until(async () => (await server.get('/readyz')).status === 503, server);
  server.process.kill('SIGTERM');
  expect(await server.exited).toBe(1);
  await server.dispose();
});

it('works through a burst of more clients than workers', async () => {
  const server = await serveModel(denseModel('n'), { args: ['--workers', '2'] });
  try {
    const statuses: number[] = [];
    const client = async (): Promise<void> => {
      for (let i = 0; i < 20; i++) statuses.push((await server.predict({ instances: [[i, 0, 0]] })).status);
    };
    await Promise.all(Array.from({ length: 16 }, client));
    expect(statuses).toEqual(Array(320).fill(200));
    await sleep(10);
    const samples = await server.metrics();
    expect(samples.get('modelpress_batch_rows_sum{version="1"}')).toBe(320);
    expect(samples.get('modelpress_in_flight_requests')).toBe(0);
  } finally {
    await server.dispose();
  }
});

it.each([
  ['--help', 0, /^Usage: node server\.mjs/, /^$/],
  ['--workers=0', 2, /^$/, /^error: --workers is "0", expected a whole number from 1 to 64\nnext: /],
])('ends on %s with %i', async (flag, status, stdout, stderr) => {
  const folder = await temporaryFolder();
  await emitModel(folder.path, denseModel('n'));
  const preload = new URL('../../../src/targets/server/resolve-dependencies.mjs', import.meta.url).href;
  const run = spawnSync(process.execPath, ['--import', preload, join(folder.path, 'server.mjs'), flag], {
    encoding: 'utf8',
  });
  expect(run.status).toBe(status);
  expect(run.stdout).toMatch(stdout);
  expect(run.stderr).toMatch(stderr);
  await folder.remove();
});
