import { describe, expect, it, test } from 'vitest';
import { convertOpset } from '../../passes/convert-opset.ts';
import { inferShapes } from '../../passes/infer-shapes.ts';
import { openModelFile } from '../../src/files/open-model-file.ts';
import { float, floats, int, ints, text } from '../../src/ir/attribute.ts';
import { Graph } from '../../src/ir/graph.ts';
import { type Model, opsetOf } from '../../src/ir/model.ts';
import type { NodeSpec } from '../../src/ir/node.ts';
import type { Shape } from '../../src/ir/shape.ts';
import { elementCount, type Tensor, tensorFromNumbers } from '../../src/ir/tensor.ts';
import { tensorType } from '../../src/ir/value-type.ts';
import { verify } from '../../src/ir/verify.ts';
import { decodeTensor } from '../../src/onnx/tensor-file.ts';
import { writeModel } from '../../src/onnx/write-model.ts';
import { changeAt, NEWEST_OPSET, OLDEST_OPSET } from '../../src/ops/opset-adapters/opset-changes.ts';
import { schemasOfDomain, schemaVersions } from '../../src/ops/schema/schema-of.ts';
import { seededRandom } from '../../src/random/seeded-random.ts';
import { runPass } from '../quantize/run-pass.ts';
import { modelOf, opsOf } from '../rewrite/graph-of.ts';
import { HAS_ZOO, testDataFiles, ZOO_NOTE, zooModel, zooModels, zooTestData } from '../zoo.ts';
import { differences, runOnce } from './compare-runs.ts';

interface Case {
  readonly name: string;
  readonly from: number;
  readonly node: Omit<NodeSpec, 'inputs'>;
  /** Proven shape of the operand; `data` is its size where that is not static. */
  readonly shape: Shape;
  readonly data?: readonly number[];
  readonly ops: readonly string[];
  readonly outputs?: number;
}

const CASES: readonly Case[] = [
  { name: 'Softmax over one axis', from: 11, node: { op: 'Softmax' }, shape: [2, 5], ops: ['Softmax'] },
  {
    name: 'Softmax over several axes',
    from: 11,
    node: { op: 'Softmax' },
    shape: [2, 3, 4],
    ops: ['Flatten', 'Softmax', 'Reshape'],
  },
  {
    name: 'Softmax with trailing ones',
    from: 9,
    node: { op: 'Softmax', attributes: { axis: int(1) } },
    shape: [2, 5, 1, 1],
    ops: ['Softmax'],
  },
  {
    name: 'LogSoftmax of symbolic dimensions',
    from: 12,
    node: { op: 'LogSoftmax', attributes: { axis: int(2) } },
    shape: ['n', 3, 't', 4],
    data: [2, 3, 2, 4],
    ops: ['Shape', 'Flatten', 'LogSoftmax', 'Reshape'],
  },
  {
    name: 'Hardmax',
    from: 11,
    node: { op: 'Hardmax', attributes: { axis: int(0) } },
    shape: [2, 3],
    ops: ['Flatten', 'Hardmax', 'Reshape'],
  },
  {
    name: 'Squeeze',
    from: 11,
    node: { op: 'Squeeze', attributes: { axes: ints([1]) } },
    shape: [2, 1, 3, 1],
    ops: ['Squeeze'],
  },
  { name: 'Squeeze of everything', from: 11, node: { op: 'Squeeze' }, shape: [2, 1, 3, 1], ops: ['Squeeze'] },
  {
    name: 'Unsqueeze',
    from: 9,
    node: { op: 'Unsqueeze', attributes: { axes: ints([0, 3]) } },
    shape: [2, 3],
    ops: ['Unsqueeze'],
  },
  {
    name: 'Split',
    from: 11,
    node: { op: 'Split', attributes: { axis: int(1), split: ints([1, 3]) }, outputs: [{}, {}] },
    shape: [2, 4],
    ops: ['Split'],
    outputs: 2,
  },
  {
    name: 'Split into equal parts',
    from: 11,
    node: { op: 'Split', outputs: [{}, {}] },
    shape: [4, 2],
    ops: ['Split'],
    outputs: 2,
  },
  {
    name: 'ReduceSum',
    from: 11,
    node: { op: 'ReduceSum', attributes: { axes: ints([1]), keepdims: int(0) } },
    shape: [2, 3, 4],
    ops: ['ReduceSum'],
  },
  { name: 'ReduceSum over everything', from: 8, node: { op: 'ReduceSum' }, shape: [2, 3], ops: ['ReduceSum'] },
  {
    name: 'Slice',
    from: 9,
    node: { op: 'Slice', attributes: { starts: ints([1, -2]), ends: ints([3, 2n ** 63n - 1n]), axes: ints([0, 2]) } },
    shape: [4, 2, 5],
    ops: ['Slice'],
  },
  {
    name: 'Slice without axes',
    from: 7,
    node: { op: 'Slice', attributes: { starts: ints([1]), ends: ints([3]) } },
    shape: [4, 2],
    ops: ['Slice'],
  },
  {
    name: 'TopK',
    from: 9,
    node: { op: 'TopK', attributes: { k: int(2), axis: int(1) }, outputs: [{}, {}] },
    shape: [2, 5],
    ops: ['TopK'],
    outputs: 2,
  },
  {
    name: 'Clip',
    from: 8,
    node: { op: 'Clip', attributes: { min: float(-0.5), max: float(0.25) } },
    shape: [3, 4],
    ops: ['Clip'],
  },
  {
    name: 'Clip from above only',
    from: 10,
    node: { op: 'Clip', attributes: { max: float(0.25) } },
    shape: [3, 4],
    ops: ['Clip'],
  },
  {
    name: 'Pad',
    from: 10,
    node: { op: 'Pad', attributes: { pads: ints([0, 1, 2, 0]), value: float(7) } },
    shape: [2, 3],
    ops: ['Pad'],
  },
  {
    name: 'Pad by reflection',
    from: 9,
    node: { op: 'Pad', attributes: { pads: ints([1, 1, 1, 1]), mode: text('reflect') } },
    shape: [3, 3],
    ops: ['Pad'],
  },
  {
    name: 'Dropout',
    from: 7,
    node: { op: 'Dropout', attributes: { ratio: float(0.3) } },
    shape: [2, 3],
    ops: ['Dropout'],
  },
  {
    name: 'Upsample by attribute',
    from: 7,
    node: { op: 'Upsample', attributes: { scales: floats([1, 1, 2, 3]) } },
    shape: [1, 2, 3, 3],
    ops: ['Resize'],
  },
  {
    name: 'Upsample, linear',
    from: 8,
    node: { op: 'Upsample', attributes: { scales: floats([1, 1, 2, 2]), mode: text('linear') } },
    shape: [1, 2, 3, 4],
    ops: ['Resize'],
  },
  {
    name: 'ImageScaler',
    from: 7,
    node: { op: 'ImageScaler', attributes: { scale: float(0.5), bias: floats([1, -2]) } },
    shape: [1, 2, 3, 3],
    ops: ['Mul', 'Add'],
  },
  {
    name: 'Affine',
    from: 8,
    node: { op: 'Affine', attributes: { alpha: float(0.5), beta: float(3) } },
    shape: [2, 3],
    ops: ['Mul', 'Add'],
  },
  {
    name: 'Crop of a border',
    from: 9,
    node: { op: 'Crop', attributes: { border: ints([1, 0, 2, 1]) } },
    shape: [1, 2, 5, 6],
    ops: ['Slice'],
  },
  {
    name: 'Crop of a window',
    from: 7,
    node: { op: 'Crop', attributes: { border: ints([1, 2, 0, 0]), scale: ints([2, 3]) } },
    shape: [1, 1, 5, 6],
    ops: ['Slice'],
  },
  { name: 'an operator that only took on types', from: 7, node: { op: 'Relu' }, shape: [2, 3], ops: ['Relu'] },
];

function modelWith({ node, shape, outputs = 1 }: Case, from: number, constants: readonly Tensor[] = []): Model {
  const graph = new Graph('g');
  const x = graph.addInput('x', tensorType('float32', shape));
  const made = graph.append({
    ...node,
    name: 'n',
    inputs: [x, ...constants.map((tensor, i) => graph.addConstant(tensor, `c${i}`))],
  });
  for (let i = 0; i < outputs; i++) graph.addOutput(made.outputs[i]!, `y${i}`);
  return modelOf(graph, from);
}

function feedOf(shape: readonly number[]): Map<string, Tensor> {
  const random = seededRandom(3);
  return new Map([
    [
      'x',
      tensorFromNumbers(
        'float32',
        shape,
        Array.from({ length: elementCount(shape) }, () => random.normal()),
      ),
    ],
  ]);
}

describe('convert-opset', () => {
  it.each(CASES)('$name, opset $from', async (row) => {
    const model = modelWith(row, row.from);
    const feed = feedOf(row.data ?? (row.shape as number[]));
    const before = await runOnce(writeModel(model), feed);
    const { diagnostics } = runPass(convertOpset, model);
    expect(diagnostics.map(({ code }) => code)).toEqual(['convert-opset-raised']);
    expect(opsetOf(model)).toBe(NEWEST_OPSET);
    expect(verify(model)).toEqual([]);
    expect(opsOf(model.graph)).toEqual(row.ops);
    expect(differences(before, await runOnce(writeModel(model), feed), 'exact')).toEqual([]);
    const { version } = model.graph;
    runPass(convertOpset, model);
    expect(model.graph.version).toBe(version);
  });

  it.each([
    ['enlarging', [1, 1, 2, 2.5], 'nearest'],
    ['shrinking', [1, 1, 0.5, 0.6], 'nearest'],
    ['linear', [1, 1, 0.5, 2], 'linear'],
  ])('Resize of opset 10, %s', async (_, scales, mode) => {
    const row: Case = {
      name: '',
      from: 10,
      node: { op: 'Resize', attributes: { mode: text(mode) } },
      shape: [1, 1, 5, 5],
      ops: [],
    };
    const model = modelWith(row, 10, [tensorFromNumbers('float32', [4], scales)]);
    const feed = feedOf([1, 1, 5, 5]);
    const before = await runOnce(writeModel(model), feed);
    runPass(convertOpset, model);
    expect(opsetOf(model)).toBe(13);
    expect(differences(before, await runOnce(writeModel(model), feed), 'reassociates')).toEqual([]);
  });

  it.each([
    [
      'a Resize that enlarges one axis and shrinks another',
      10,
      { op: 'Resize' },
      [tensorFromNumbers('float32', [2], [2, 0.5])],
      /enlarges one axis/,
    ],
    [
      'an operator that became another one',
      8,
      { op: 'Scan', attributes: { num_scan_inputs: int(1) } },
      [],
      /another operator/,
    ],
    [
      'statistics per element',
      8,
      { op: 'BatchNormalization', attributes: { spatial: int(0) } },
      [],
      /statistics of its own/,
    ],
    ['an opset before the tables', 6, { op: 'Relu' }, [], /start at opset 7/],
  ] as const)('leaves a model alone over %s', (_, from, node, constants, reason) => {
    const model = modelWith({ name: '', from, node, shape: [2, 2], ops: [] }, from, constants);
    const { version } = model.graph;
    const { diagnostics } = runPass(convertOpset, model);
    expect(diagnostics).toEqual([
      expect.objectContaining({ code: 'convert-opset-refused', message: expect.stringMatching(reason) }),
    ]);
    expect(model.graph.version).toBe(version);
    expect(opsetOf(model)).toBe(from);
  });

  it('refuses where a mask is used that changed its type', () => {
    const model = modelWith(
      { name: '', from: 9, node: { op: 'Dropout', outputs: [{}, {}] }, shape: [2], ops: [], outputs: 2 },
      9,
    );
    expect(runPass(convertOpset, model).diagnostics[0]?.message).toMatch(/its mask is used/);
  });

  it('does nothing at or above the opset asked for', () => {
    const model = modelWith({ name: '', from: 13, node: { op: 'Relu' }, shape: [2], ops: [] }, 15);
    expect(runPass(convertOpset, model).diagnostics).toEqual([]);
    expect(opsetOf(model)).toBe(15);
  });

  test('every change of an operator on the way is known, or refused on purpose', () => {
    const refused = [
      'Scan 9',
      'DynamicSlice 10',
      'GRUUnit 10',
      'GivenTensorFill 10',
      'ParametricSoftplus 10',
      'Scale 10',
      'ScaledTanh 10',
    ];
    const unknown = schemasOfDomain('')
      .filter(
        ({ since, op }) => since > OLDEST_OPSET && since <= NEWEST_OPSET && schemaVersions('', op)[0]!.since < since,
      )
      .filter(({ since, op }) => changeAt(op, since) === undefined)
      .map(({ since, op }) => `${op} ${since}`);
    expect(unknown.sort()).toEqual(refused.sort());
  });
});

describe.skipIf(!HAS_ZOO)(`convert-opset on real models${ZOO_NOTE}`, () => {
  it.each(zooModels())('%s computes the same', async (name) => {
    const model = await openModelFile(zooModel(name));
    const from = opsetOf(model);
    if (!model.opsetImports.has('') || from >= NEWEST_OPSET) return;
    runPass(inferShapes, model);
    const { diagnostics } = runPass(convertOpset, model);
    expect(diagnostics.map(({ code, message }) => `${code} ${message}`)).toEqual([
      `convert-opset-raised opset ${from} was raised to 13`,
    ]);
    expect(verify(model)).toEqual([]);
    const [folder] = zooTestData(name);
    const tensors = testDataFiles(folder!, 'input').map((bytes) => decodeTensor(bytes));
    const feed = new Map(
      model.graph.inputs
        .filter(({ initial }) => initial === undefined)
        .map(({ name: input }, i) => [input, tensors[i]!]),
    );
    const before = await runOnce(zooModel(name), feed);
    expect(differences(before, await runOnce(writeModel(model), feed), 'reassociates')).toEqual([]);
  });
});
