import { describe, expect, it } from 'vitest';
import { affordableRuns, workOfRun } from '../../src/compile/run-work.ts';
import { tensorFromNumbers } from '../../src/ir/tensor.ts';
import { parseModel } from '../../src/ir/text/parse.ts';

const model = parseModel(`<ir_version: 8, opset_import: ["" : 17]> g (float[n, 4] x) => (float[n, 2] z)
  <float[4, 2] w = {1, 2, 3, 4, 5, 6, 7, 8}> { y = MatMul (x, w) z = Relu (y) }`);

function feedOf(rows: number) {
  return new Map([['x', tensorFromNumbers('float32', [rows, 4], new Array(rows * 4).fill(1))]]);
}

describe('the work of a run', () => {
  it('is its multiply-accumulates and the bytes of its results, in the sizes of the feed', () => {
    const work = workOfRun(model);
    // Two results of 2 floats for each row, at 2 a byte.
    expect(work(feedOf(1))).toBe(8 + 2 * (2 * 2 * 4));
    expect(work(feedOf(5))).toBe(5 * work(feedOf(1)));
  });

  it('leaves the model as it is', () => {
    const before = model.graph.version;
    workOfRun(model)(feedOf(1));
    expect(model.graph.version).toBe(before);
  });
});

it.each([
  [100, 10, 1, 50, 10],
  [100, 10, 1, 4, 4],
  [100, 1000, 3, 50, 3],
  [100, 0, 1, 50, 50],
])('a budget of %d allows runs of %d work, at least %d and at most %d: %d', (budget, work, least, most, expected) => {
  expect(affordableRuns(budget, work, least, most)).toBe(expected);
});
