import { readdirSync, statSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { onnxTestData } from '../../../src/data/onnx-test-data.ts';
import { equalTensors, stringTensor, type Tensor, tensorFromNumbers, toNumbers } from '../../../src/ir/tensor.ts';
import { openOrtSession } from '../../../src/runtime/onnxruntime-node.ts';
import { emitServer } from '../../../src/targets/server/emit-server.ts';
import { runServerArtifact } from '../../../src/targets/server/run-server-artifact.ts';
import { HAS_ZOO, ZOO_NOTE, zooModel, zooTestData } from '../../zoo.ts';
import { emitModel, plainManifest, temporaryFolder } from './server-process.ts';
import { denseModel, denseRow, identityModel, passModel } from './tiny-models.ts';

/** Runs a model's artifact once. */
async function runModel(bytes: Uint8Array, feed: ReadonlyMap<string, Tensor>): ReturnType<typeof runServerArtifact> {
  const folder = await temporaryFolder();
  try {
    await emitModel(folder.path, bytes);
    return await runServerArtifact(folder.path, feed);
  } finally {
    await folder.remove();
  }
}

describe('runServerArtifact', () => {
  it('starts, asks and stops the server', async () => {
    const run = await runModel(denseModel('batch'), new Map([['x', tensorFromNumbers('float32', [1, 3], [1, 2, 3])]]));
    const y = run.outputs.get('y');
    expect([y?.dtype, y?.dims, toNumbers(y!)]).toEqual(['float32', [1, 2], denseRow([1, 2, 3])]);
    expect(run.exitCode).toBe(0);
    expect(run.readyMs).toBeGreaterThan(0);
  });

  it('carries every element type there and back bit by bit', async () => {
    const feed = new Map<string, Tensor>([
      ['in_float32', tensorFromNumbers('float32', [1, 2], [Math.PI, Number.NaN])],
      ['in_float64', tensorFromNumbers('float64', [1, 2], [Math.PI, Number.NEGATIVE_INFINITY])],
      ['in_float16', tensorFromNumbers('float16', [1, 2], [Math.PI, 2 ** -24])],
      ['in_int64', tensorFromNumbers('int64', [1, 2], [-(2n ** 63n), 2n ** 53n + 1n])],
      ['in_uint8', tensorFromNumbers('uint8', [1, 2], [0, 255])],
      ['in_bool', tensorFromNumbers('bool', [1, 2], [1, 0])],
      ['in_string', stringTensor([1, 2], ['"\\', 'žluť'])],
    ]);
    const types = ['float32', 'float64', 'float16', 'int64', 'uint8', 'bool', 'string'] as const;
    const { outputs } = await runModel(identityModel(types), feed);
    for (const type of types) {
      expect(equalTensors(outputs.get(`out_${type}`)!, feed.get(`in_${type}`)!), type).toBe(true);
    }
  });

  it('carries tensors without elements', async () => {
    const x = tensorFromNumbers('float32', [2, 0, 3], []);
    const { outputs } = await runModel(passModel('x', 'y', 'float32', [2, 'length', 3]), new Map([['x', x]]));
    expect(outputs.get('y')?.dims).toEqual([2, 0, 3]);
  });

  it('says why an artifact does not start', async () => {
    const folder = await temporaryFolder();
    try {
      await emitModel(folder.path, denseModel('batch'));
      await writeFile(join(folder.path, 'model.onnx'), 'not a model');
      const failure = await runServerArtifact(folder.path, new Map()).catch((error) => error);
      expect(['server-start-failed', 'server-not-ready']).toContain(failure.code);
      expect(failure.message).toMatch(/model\.onnx is not the file that manifest\.json was written for/);
    } finally {
      await folder.remove();
    }
  });

  it('says why a request is refused', async () => {
    const failure = await runModel(denseModel('batch'), new Map()).catch((error) => error);
    expect(failure.code).toBe('server-predict-failed');
    expect(failure.message).toMatch(/:predict: 400 .*input .*x/);
  });

  it('gives up when the time is over', async () => {
    const folder = await temporaryFolder();
    try {
      await emitModel(folder.path, denseModel('batch'));
      await writeFile(join(folder.path, 'server.mjs'), 'setInterval(() => {}, 1000);\n');
      const failure = await runServerArtifact(folder.path, new Map(), { timeoutMs: 300 }).catch((error) => error);
      expect(failure.code).toBe('server-start-failed');
    } finally {
      await folder.remove();
    }
  });
});

/** One of each sort: convolutions, strings, sequences of maps, subgraphs, external data, empty tensors. */
const MODELS = [
  'mnist-keras-tf2onnx',
  'adult-logreg-pipeline',
  'iris-sklearn-randomforest',
  'silero-vad',
  'fastestdet-external-multifile',
  'stories260k-kvcache',
  'nnsplit-en',
];

describe.skipIf(!HAS_ZOO)(`runServerArtifact on models of others${ZOO_NOTE}`, () => {
  it.each(MODELS)('serves %s as the runtime runs it', async (name) => {
    const session = await openOrtSession(zooModel(name));
    const folder = await temporaryFolder();
    try {
      const dataset = await onnxTestData(dirname(zooTestData(name)[0]!), zooTestData(name), session, {});
      const { feed } = await dataset.sample(0);
      const source = dirname(zooModel(name));
      const parts = readdirSync(source).filter(
        (path) => statSync(join(source, path)).isFile() && path !== 'SOURCE.txt',
      );
      const files = parts.map((path) => ({ path, copyFrom: join(source, path) }));
      await emitServer({ directory: folder.path, files, manifest: plainManifest({ model: { name, version: 1 } }) });

      const { outputs, exitCode } = await runServerArtifact(folder.path, feed);
      expect(exitCode).toBe(0);
      const wanted = session.outputs.filter(({ dtype }) => dtype !== 'non-tensor').map((port) => port.name);
      expect([...outputs.keys()]).toEqual(wanted);
      for (const [output, tensor] of await session.run(feed, wanted)) {
        expect(relativeError(outputs.get(output)!, tensor as Tensor), output).toBeLessThan(1e-4);
      }
    } finally {
      await session.close();
      await folder.remove();
    }
  });
});

/** Largest difference, relative to the largest magnitude; 0 for equal tensors, Infinity for unlike ones. */
function relativeError(actual: Tensor, expected: Tensor): number {
  if (equalTensors(actual, expected)) return 0;
  if (actual.dtype !== expected.dtype || `${actual.dims}` !== `${expected.dims}`) return Number.POSITIVE_INFINITY;
  const [a, b] = [toNumbers(actual), toNumbers(expected)];
  const largest = b.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  return a.reduce((most, value, i) => Math.max(most, Math.abs(value - b[i]!)), 0) / largest;
}
