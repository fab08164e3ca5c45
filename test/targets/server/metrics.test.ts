import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { plainManifest, readSamples, serveModel, type TestServer } from './server-process.ts';
import { denseModel, passModel } from './tiny-models.ts';

describe('/metrics', () => {
  let server: TestServer;
  beforeAll(async () => {
    const manifest = plainManifest({ inputRanges: { x: { min: -1, max: 1 } } });
    server = await serveModel(denseModel('batch'), { manifest });
    await server.predict({
      instances: [
        [0, 0.5, -1],
        [1, 1, 1],
      ],
    });
    await server.predict({ instances: [[0, 3, -5]] });
    await server.predict({ instances: [['x', 0, 0]] });
    await server.get('/no/such');
  });
  afterAll(() => server.dispose());

  it('is in the text format of Prometheus', async () => {
    const { status, headers, text } = await server.get('/metrics');
    expect(status).toBe(200);
    expect(headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8');
    expect(readSamples(text).size).toBeGreaterThan(50);
    for (const name of readSamples(text).keys()) {
      const metric = name.replace(/\{.*/, '').replace(/_(bucket|sum|count)$/, '');
      expect(text).toMatch(new RegExp(`^# HELP ${metric}`, 'm'));
    }
  });

  it('counts requests by route and status', async () => {
    const samples = await server.metrics();
    const count = (route: string, method: string, status: number): number | undefined =>
      samples.get(`modelpress_http_requests_total{route="${route}",method="${method}",status="${status}"}`);
    expect(count('/v1/models/NAME:predict', 'POST', 200)).toBe(2);
    expect(count('/v1/models/NAME:predict', 'POST', 400)).toBe(1);
    expect(count('other', 'GET', 404)).toBe(1);
    const buckets = 'modelpress_http_request_duration_seconds_bucket{le="+Inf",route="/v1/models/NAME:predict"}';
    expect(samples.get(buckets)).toBe(3);
  });

  it('counts instances and runs', async () => {
    const samples = await server.metrics();
    expect(samples.get('modelpress_instances_total{version="1"}')).toBe(3);
    expect(samples.get('modelpress_inference_duration_seconds_count{version="1"}')).toBe(2);
    expect(samples.get('modelpress_batch_rows_bucket{le="1",version="1"}')).toBe(1);
    expect(samples.get('modelpress_batch_rows_bucket{le="2",version="1"}')).toBe(2);
    expect(samples.get('modelpress_queue_length')).toBe(0);
    expect(samples.get('modelpress_ready')).toBe(1);
  });

  it('describes the model and the process', async () => {
    const samples = await server.metrics();
    const info = [...samples.keys()].find((key) => key.startsWith('modelpress_model_info{'));
    expect(info).toMatch(/model="tiny",version="1",state="AVAILABLE",sha256="[0-9a-f]{64}",merging="true"/);
    expect(samples.get('process_resident_memory_bytes')).toBeGreaterThan(1e6);
  });

  it('describes the inputs', async () => {
    const samples = await server.metrics();
    const figure = (name: string): number | undefined => samples.get(`modelpress_input_${name}{version="1",input="x"}`);
    expect(figure('values')).toBe(9);
    expect(figure('sum')).toBeCloseTo(0.5, 6);
    expect(figure('mean')).toBeCloseTo(0.5 / 9, 6);
    expect([figure('min'), figure('max')]).toEqual([-5, 3]);
    expect([figure('calibration_min'), figure('calibration_max')]).toEqual([-1, 1]);
    expect(figure('outside')).toBe(2);
    // The first request sets the recent share to 0, the second counts for a fiftieth.
    expect(figure('outside_ratio')).toBeCloseTo((2 / 3) * 0.02, 9);
    expect(figure('not_finite')).toBe(0);
  });
});

it('notices drift of large inputs from a sample of them', async () => {
  const manifest = plainManifest({ inputRanges: { x: { min: 0, max: 1 } } });
  const server = await serveModel(passModel('x', 'y', 'float16', ['batch', 60, 60, 3]), { manifest });
  try {
    // One channel of three is out of range: an evenly spread sample has to see a third.
    const pixel = [0.25, 0.5, 1.5];
    await server.predict({ instances: [Array(60).fill(Array(60).fill(pixel))] });
    const samples = await server.metrics();
    const figure = (name: string): number =>
      samples.get(`modelpress_input_${name}{version="1",input="x"}`) ?? Number.NaN;
    expect(figure('values')).toBeLessThanOrEqual(1024);
    expect(figure('values')).toBeGreaterThan(500);
    expect(figure('outside_ratio')).toBeCloseTo(1 / 3, 2);
    expect(figure('mean')).toBeCloseTo(0.75, 2);
  } finally {
    await server.dispose();
  }
});

it('leaves the inputs alone when told to', async () => {
  const server = await serveModel(denseModel('batch'), { args: ['--monitor', 'off'] });
  try {
    await server.predict({ instances: [[0, 0, 0]] });
    expect([...(await server.metrics()).keys()].filter((key) => key.startsWith('modelpress_input_'))).toEqual([]);
  } finally {
    await server.dispose();
  }
});
