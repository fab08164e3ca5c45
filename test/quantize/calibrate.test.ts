import { describe, expect, it } from 'vitest';
import { makeSample, memoryDataset } from '../../src/data/indexed-dataset.ts';
import { Graph } from '../../src/ir/graph.ts';
import { scalarTensor, type Tensor, tensorFromNumbers } from '../../src/ir/tensor.ts';
import { tensorType } from '../../src/ir/value-type.ts';
import { type CalibrateOptions, calibrate } from '../../src/quantize/calibrate.ts';
import { OBSERVERS, type ObserverName } from '../../src/quantize/observers/observer-table.ts';
import { layerSketch } from './layer-sketch.ts';

function datasetOf(...feeds: readonly Readonly<Record<string, Tensor>>[]) {
  return memoryDataset(
    'samples',
    feeds.map((feed) => makeSample(new Map(Object.entries(feed)))),
  );
}

function row(values: readonly number[], dims: readonly number[] = [1, values.length]): Tensor {
  return tensorFromNumbers('float32', dims, values);
}

async function rangesByName(
  model: Parameters<typeof calibrate>[0],
  data: Parameters<typeof calibrate>[1],
  options: CalibrateOptions = {},
) {
  const ranges = await calibrate(model, data, options);
  return new Map([...ranges].map(([{ name }, range]) => [name, range]));
}

/** x -> y = 2x, as a matrix product. */
function doubler() {
  const s = layerSketch();
  return s.model(s.op('y', 'MatMul', [s.input('x', ['n', 2]), s.constant('w', [2, 0, 0, 2], [2, 2])]));
}

describe('calibrate', () => {
  it('keeps the extremes of all samples, whatever their shapes, and the means of channels', async () => {
    const data = datasetOf({ x: row([1, 2]) }, { x: row([-7, 0, 3, 100], [2, 2]) });
    const ranges = await rangesByName(doubler(), data, { observer: 'min-max' });
    expect(ranges.get('x')).toEqual({ min: -7, max: 100, channelMeans: Float64Array.of(-1, 34) });
    expect([...ranges.keys()]).toEqual(['x']);
  });

  it('leaves the model as it was', async () => {
    const s = layerSketch();
    const model = s.model(s.conv('y', s.conv('a', s.input('x', [1, 4, 4, 4]), [4, 4]), [4, 4]));
    const before = [...model.graph.nodes()];
    await calibrate(model, datasetOf({ x: row(new Array(64).fill(1), [1, 4, 4, 4]) }));
    expect([...model.graph.nodes()]).toEqual(before);
    expect(model.graph.outputs).toHaveLength(1);
    expect([...model.graph.constants()]).toHaveLength(4);
  });

  it.each(Object.keys(OBSERVERS) as ObserverName[])('gives the same ranges again with %s', async (observer) => {
    const s = layerSketch();
    const model = s.model(
      s.conv('y', s.op('r', 'Relu', [s.conv('a', s.input('x', [1, 4, 16, 16]), [4, 32])]), [32, 4]),
    );
    const values = Array.from({ length: 1024 }, (_, i) => Math.sin(i) * 3);
    const data = datasetOf({ x: row(values, [1, 4, 16, 16]) }, { x: row(values.reverse(), [1, 4, 16, 16]) });
    const first = await rangesByName(model, data, { observer });
    expect(first).toEqual(await rangesByName(model, data, { observer }));
    expect([...first.keys()].sort()).toEqual(['r', 'x', 'y']);
  });

  it('never clips what becomes an output, and clips outliers elsewhere', async () => {
    const s = layerSketch();
    const eye = s.constant('eye', [1], [1, 1, 1, 1]);
    const a = s.op('a', 'Conv', [s.input('x', [1, 1, 64, 64]), eye]);
    const model = s.model(s.op('y', 'Conv', [a, eye]));
    const values = Array.from({ length: 4096 }, (_, i) => Math.sin(i * 1.7) ** 9);
    values[9] = 3;
    const ranges = await rangesByName(
      model,
      datasetOf(
        ...Array.from({ length: 200 }, (_, i) => ({
          x: row(i === 0 ? values : values.map((v) => Math.min(v, 1)), [1, 1, 64, 64]),
        })),
      ),
      { observer: 'mse' },
    );
    expect(ranges.get('y')!.max).toBe(3);
    expect(ranges.get('a')!.max).toBeLessThan(2.5);
  });

  it('reads elements where a sample leaves a value empty', async () => {
    const data = datasetOf({ x: row([], [0, 2]) }, { x: row([1, 5]) });
    const ranges = await rangesByName(doubler(), data, { observer: 'min-max' });
    expect(ranges.get('x')).toMatchObject({ min: 1, max: 5 });
  });

  it('says nothing about a value that no sample gave', async () => {
    const s = layerSketch();
    const data = datasetOf({ x: row([], [0, 2]) });
    const model = s.model(
      s.op('y', 'MatMul', [s.op('t', 'Tanh', [s.input('x', ['n', 2])]), s.constant('w', [1, 0, 0, 1], [2, 2])]),
    );
    expect((await calibrate(model, data)).size).toBe(0);
  });

  it('names the value that became NaN', async () => {
    const s = layerSketch();
    const log = s.op('logarithm', 'Log', [s.input('x', [1, 2])]);
    const model = s.model(s.op('y', 'MatMul', [log, s.constant('w', [1, 0, 0, 1], [2, 2])]));
    const failed = calibrate(model, datasetOf({ x: row([1, -1]) }));
    await expect(failed).rejects.toMatchObject({ code: 'calibrate-not-finite', at: 'logarithm' });
    expect(model.graph.outputs).toHaveLength(1);
  });

  it.each([
    { at: 'an extreme', rows: [row([1, 0]), row([1, 2])] },
    { at: 'an element, where another sample is empty', rows: [row([], [0, 2]), row([0, 1])] },
  ])('gives no range to what became infinite in $at, and ranges to the rest', async ({ rows }) => {
    const s = layerSketch();
    const log = s.op('logarithm', 'Log', [s.input('x', ['n', 2])]);
    const product = s.op('product', 'MatMul', [log, s.constant('w', [1, 2, 3, 4], [2, 2])]);
    const bounded = s.op('bounded', 'Sigmoid', [s.op('sum', 'Abs', [product])]);
    const model = s.model(s.op('y', 'MatMul', [bounded, s.constant('u', [1, 0, 0, 1], [2, 2])]));
    const ranges = await rangesByName(model, datasetOf(...rows.map((x) => ({ x }))));
    expect(ranges.has('logarithm')).toBe(false);
    expect(ranges.has('bounded')).toBe(true);
  });

  it('stops at the number of samples asked for, and tells how far it is', async () => {
    const told: string[] = [];
    const data = datasetOf({ x: row([1, 1]) }, { x: row([2, 2]) }, { x: row([9, 9]) });
    const ranges = await rangesByName(doubler(), data, {
      maxSamples: 2,
      onProgress: (done, total) => told.push(`${done}/${total}`),
    });
    expect(ranges.get('x')!.max).toBe(2);
    expect(told).toEqual(['1/2', '2/2']);
  });

  it('refuses to calibrate on nothing', async () => {
    await expect(calibrate(doubler(), datasetOf())).rejects.toMatchObject({ code: 'calibrate-no-samples' });
  });

  it('observes values of several names alike, and beside branches', async () => {
    const s = layerSketch();
    const x = s.input('x', [1, 2]);
    const branch = () => {
      const graph = new Graph('b');
      graph.addOutput(graph.append({ op: 'Neg', inputs: [x], outputs: [{ name: '' }] }).outputs[0]!);
      return { kind: 'graph' as const, value: graph };
    };
    const condition = s.graph.addConstant(scalarTensor('bool', 0), 'c');
    const chosen = s.op('', 'If', [condition], { attributes: { then_branch: branch(), else_branch: branch() } });
    s.graph.setType(chosen, tensorType('float32', [1, 2]));
    const w = s.constant('w', [1, 0, 0, 1], [2, 2]);
    const model = s.model(s.op('y', 'MatMul', [s.op('', 'MatMul', [chosen, w]), w]));
    const ranges = await calibrate(model, datasetOf({ x: row([1, -3]) }), { observer: 'min-max' });
    expect([...ranges.values()].map(({ min, max }) => [min, max])).toEqual([
      [-1, 3],
      [-1, 3],
    ]);
  });
});
