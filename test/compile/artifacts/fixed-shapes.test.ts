import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { type FixedShapes, fixShapes } from '../../../src/compile/artifacts/fixed-shapes.ts';
import type { Dataset } from '../../../src/data/dataset.ts';
import { makeSample, memoryDataset } from '../../../src/data/indexed-dataset.ts';
import { saveModelFile } from '../../../src/files/save-model-file.ts';
import { type Tensor, tensorFromNumbers, toNumbers } from '../../../src/ir/tensor.ts';
import { parseModel } from '../../../src/ir/text/parse.ts';
import { openOrtSession } from '../../../src/runtime/onnxruntime-node.ts';
import type { Session } from '../../../src/runtime/session.ts';
import { temporaryFolder } from '../../cli/temporary-folder.ts';

const folder = temporaryFolder();
let session: Session | undefined;
afterEach(async () => {
  await session?.close();
  session = undefined;
});

/** A tensor whose elements are all different and grow. */
function growing(dims: readonly number[], start = 0): Tensor {
  const size = dims.reduce((product, dim) => product * dim, 1);
  return tensorFromNumbers(
    'float32',
    dims,
    Array.from({ length: size }, (_, at) => start + at / 8),
  );
}

const samples = (...feeds: Readonly<Record<string, Tensor>>[]): Dataset =>
  memoryDataset(
    'tried',
    feeds.map((feed) => makeSample(new Map(Object.entries(feed)))),
  );

async function fixed(text: string, calibration: Dataset): Promise<FixedShapes> {
  const path = join(folder, 'model.onnx');
  await saveModelFile(parseModel(`<ir_version: 8, opset_import: ["" : 17]>\n${text}`), path);
  session = await openOrtSession(path);
  return await fixShapes(session, calibration);
}

async function contents(dataset: Dataset, input: string): Promise<(readonly [readonly number[], number[]])[]> {
  const found: (readonly [readonly number[], number[]])[] = [];
  for await (const { feed } of dataset.samples()) {
    const tensor = feed.get(input)!;
    found.push([tensor.dims, toNumbers(tensor)]);
  }
  return found;
}

const ROWS = 'g (float[N,2] x) => (float[N,2] y) { y = Softmax <axis = 1> (x) }';
const COLUMNS = 'g (float[N,2] x) => (float[N,2] y) { y = Softmax <axis = 0> (x) }';

describe('the shapes of files that take one', () => {
  it('are one row of a batch whose rows do not depend on each other', async () => {
    const data = samples({ x: growing([3, 2]) }, { x: growing([1, 2], 5) });
    const { shapes, fitting } = await fixed(ROWS, data);
    expect(Object.fromEntries(shapes)).toEqual({ x: [1, 2] });
    const { dataset, unfit } = await fitting(data);
    expect(unfit).toBe(0);
    expect(await contents(dataset, 'x')).toEqual([
      [
        [1, 2],
        [0, 0.125],
      ],
      [
        [1, 2],
        [0.25, 0.375],
      ],
      [
        [1, 2],
        [0.5, 0.625],
      ],
      [
        [1, 2],
        [5, 5.125],
      ],
    ]);
    expect((await fitting(data, { limit: 2 })).dataset.size).toBeLessThan(4);
  });

  it('are the whole batch where its rows depend on each other', async () => {
    const data = samples({ x: growing([3, 2]) }, { x: growing([1, 2], 5) });
    const { shapes, fitting } = await fixed(COLUMNS, data);
    expect(Object.fromEntries(shapes)).toEqual({ x: [3, 2] });
    const { dataset, unfit } = await fitting(data);
    expect([dataset.size, unfit]).toEqual([1, 1]);
    expect((await fitting(data, { keepOthers: true })).dataset).toBe(data);
  });

  it('are the sample where an open first axis counts no samples, or inputs have other numbers of rows', async () => {
    const sum = 'g (float[T,2] x) => (float[2] y) <int64[1] a = {0}> { y = ReduceSum <keepdims = 0> (x, a) }';
    expect((await fixed(sum, samples({ x: growing([3, 2]) }))).shapes.get('x')).toEqual([3, 2]);
    await session?.close();
    const two = 'g (float[N,2] a, float[M,2] b) => (float[N,2] y, float[M,2] z) { y = Neg (a) z = Neg (b) }';
    const { shapes } = await fixed(two, samples({ a: growing([3, 2]), b: growing([4, 2]) }));
    expect(Object.fromEntries(shapes)).toEqual({ a: [3, 2], b: [4, 2] });
  });

  it('find the batch behind the layers of a state, and leave inputs of fixed shapes whole', async () => {
    const text = `g (float[N,2] x, float[2,N,2] s, float[1] k) => (float[N,2] y, float[2,N,2] t) {
      y = Mul (x, k) t = Neg (s)
    }`;
    const data = samples({ x: growing([3, 2]), s: growing([2, 3, 2]), k: growing([1], 2) });
    const { shapes, fitting } = await fixed(text, data);
    expect(Object.fromEntries(shapes)).toEqual({ x: [1, 2], s: [2, 1, 2], k: [1] });
    expect((await contents((await fitting(data)).dataset, 's'))[1]).toEqual([
      [2, 1, 2],
      [0.25, 0.375, 1, 1.125],
    ]);
  });

  it('leave samples out that differ in more than the batch', async () => {
    const text = 'g (float[N,T] x) => (float[N,T] y) { y = Neg (x) }';
    const data = samples({ x: growing([1, 4]) }, { x: growing([2, 4]) }, { x: growing([1, 5]) });
    const { fitting } = await fixed(text, data);
    const { dataset, unfit } = await fitting(data);
    expect([dataset.size, unfit]).toEqual([3, 1]);
  });
});
