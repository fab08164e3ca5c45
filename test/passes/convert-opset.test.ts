import { describe, expect, it } from 'vitest';
import { CASE_VARIANTS } from '../../bench/backend/case-variant.ts';
import { checkCase } from '../../bench/backend/check-case.ts';
import { convertOpset } from '../../passes/convert-opset.ts';
import { inferShapes } from '../../passes/infer-shapes.ts';
import { openModelFile } from '../../src/files/open-model-file.ts';
import { type Attribute, float, floats, int, ints, text } from '../../src/ir/attribute.ts';
import type { DataType } from '../../src/ir/dtype.ts';
import { Graph } from '../../src/ir/graph.ts';
import { type Model, opsetOf } from '../../src/ir/model.ts';
import type { NodeSpec } from '../../src/ir/node.ts';
import type { Shape } from '../../src/ir/shape.ts';
import { elementCount, int64Tensor, scalarTensor, type Tensor, tensorFromNumbers } from '../../src/ir/tensor.ts';
import { tensorType } from '../../src/ir/value-type.ts';
import { verify } from '../../src/ir/verify.ts';
import { decodeTensor } from '../../src/onnx/tensor-file.ts';
import { writeModel } from '../../src/onnx/write-model.ts';
import { NEWEST_OPSET } from '../../src/ops/opset-adapters/opset-changes.ts';
import { step } from '../../src/pass/pipeline.ts';
import { seededRandom } from '../../src/random/seeded-random.ts';
import { runPass } from '../quantize/run-pass.ts';
import { modelOf, opsOf } from '../rewrite/graph-of.ts';
import { backendCases, HAS_ZOO, testDataFiles, ZOO_NOTE, zooModel, zooModels, zooTestData } from '../zoo.ts';
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
  /** Default float32. */
  readonly dtype?: DataType;
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

function modelWith(
  { node, shape, outputs = 1, dtype = 'float32' }: Case,
  from: number,
  constants: readonly Tensor[] = [],
): Model {
  const graph = new Graph('g');
  const x = graph.addInput('x', tensorType(dtype, shape));
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
    expect(opsetOf(model)).toBe(NEWEST_OPSET);
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
      /batch axis/,
    ],
    [
      'statistics per element',
      8,
      { op: 'BatchNormalization', attributes: { spatial: int(0) } },
      [],
      /statistics of its own/,
    ],
    ['an opset before the tables', 6, { op: 'Relu' }, [], /from opset 7/],
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
    expect(runPass(convertOpset, model, { to: 13 }).diagnostics).toEqual([]);
    expect(opsetOf(model)).toBe(15);
  });
});

interface LoweringCase {
  readonly name: string;
  readonly from: number;
  readonly to: number;
  readonly node: Omit<NodeSpec, 'inputs'>;
  readonly shape: readonly number[];
  readonly constants?: readonly Tensor[];
  readonly outputs?: number;
  /** Attributes of the node afterwards. */
  readonly attributes?: Readonly<Record<string, Attribute>>;
  readonly operands?: number;
}

const LOWERED: readonly LoweringCase[] = [
  {
    name: 'axes of a reduction',
    from: 18,
    to: 13,
    node: { op: 'ReduceMean', attributes: { keepdims: int(0), noop_with_empty_axes: int(0) } },
    shape: [2, 3, 4],
    constants: [int64Tensor([1, -1])],
    attributes: { keepdims: int(0), axes: ints([1, -1]) },
  },
  {
    name: 'axes counted from the end',
    from: 20,
    to: 9,
    node: { op: 'ReduceMax' },
    shape: [2, 3, 4],
    constants: [int64Tensor([-1])],
    attributes: { axes: ints([2]) },
  },
  {
    name: 'a number of equal parts',
    from: 18,
    to: 11,
    node: { op: 'Split', attributes: { num_outputs: int(2), axis: int(-1) }, outputs: [{}, {}] },
    shape: [2, 4],
    outputs: 2,
    attributes: { axis: int(-1) },
  },
  {
    name: 'a number of unequal parts',
    from: 19,
    to: 13,
    node: { op: 'Split', attributes: { num_outputs: int(2), axis: int(1) }, outputs: [{}, {}] },
    shape: [2, 5],
    outputs: 2,
    attributes: { axis: int(1) },
    operands: 2,
  },
  {
    name: 'pads of some axes',
    from: 18,
    to: 10,
    node: { op: 'Pad' },
    shape: [2, 3],
    constants: [int64Tensor([1, 2]), scalarTensor('float32', 5), int64Tensor([-1])],
    attributes: { pads: ints([0, 1, 0, 2]), value: float(5) },
  },
  {
    name: 'bounds',
    from: 13,
    to: 7,
    node: { op: 'Clip' },
    shape: [2, 3],
    constants: [scalarTensor('float32', -0.5), scalarTensor('float32', 0.25)],
    attributes: { min: float(-0.5), max: float(0.25) },
  },
  {
    name: 'a window',
    from: 13,
    to: 9,
    node: { op: 'Slice' },
    shape: [4, 5],
    constants: [int64Tensor([1]), int64Tensor([2n ** 63n - 1n]), int64Tensor([1]), int64Tensor([1])],
    attributes: { starts: ints([1]), ends: ints([2n ** 63n - 1n]), axes: ints([1]) },
  },
  {
    name: 'Softmax along the last axis',
    from: 22,
    to: 11,
    node: { op: 'Softmax' },
    shape: [2, 3, 4],
    attributes: { axis: int(2) },
  },
  {
    name: 'TopK',
    from: 11,
    to: 9,
    node: { op: 'TopK', outputs: [{}, {}] },
    shape: [2, 5],
    constants: [int64Tensor([2])],
    outputs: 2,
    attributes: { k: int(2) },
  },
  {
    name: 'an attribute that says what was always so',
    from: 14,
    to: 13,
    node: { op: 'Reshape', attributes: { allowzero: int(0) } },
    shape: [2, 3],
    constants: [int64Tensor([3, 2])],
    attributes: {},
    operands: 2,
  },
  {
    name: 'Reshape to sizes none of which is 0',
    from: 14,
    to: 13,
    node: { op: 'Reshape', attributes: { allowzero: int(1) } },
    shape: [2, 3],
    constants: [int64Tensor([3, 2])],
    attributes: {},
    operands: 2,
  },
];

describe('convert-opset on the way down', () => {
  it.each(LOWERED)('$name, opset $from to $to', async (row) => {
    const { from, to, node, shape, outputs = 1, constants = [], attributes = {}, operands = 1 } = row;
    const model = modelWith({ name: '', from, node, shape, outputs, ops: [] }, from, constants);
    runPass(inferShapes, model);
    const feed = feedOf(shape);
    const before = await runOnce(writeModel(model), feed);
    const { diagnostics } = runPass(convertOpset, model, { to, lower: true });
    expect(diagnostics.map(({ code }) => code)).toEqual(['convert-opset-lowered']);
    expect(opsetOf(model)).toBe(to);
    expect(verify(model)).toEqual([]);
    const [lowered] = model.graph.nodes();
    expect(Object.fromEntries(lowered!.attributes)).toEqual(attributes);
    expect(lowered!.inputs).toHaveLength(operands);
    expect(differences(before, await runOnce(writeModel(model), feed), 'exact')).toEqual([]);
  });

  it.each([
    ['an operator that came later', 20, 19, { op: 'Gelu' }, [], /Gelu 'n': opset 19 has no Gelu/],
    [
      'an attribute that came later',
      19,
      18,
      { op: 'AveragePool', attributes: { kernel_shape: ints([2]), dilations: ints([2]) } },
      [],
      /no attribute 'dilations'/,
    ],
    ['a type that came later', 13, 12, { op: 'Relu' }, [], undefined],
    [
      'a size of 0',
      14,
      13,
      { op: 'Reshape', attributes: { allowzero: int(1) } },
      [[0, 3]],
      /may hold a 0 that means a size of 0/,
    ],
    ['a step', 10, 9, { op: 'Slice' }, [[0], [9], [0], [2]], /it cuts in steps/],
    [
      'axes that leave the operand alone',
      18,
      17,
      { op: 'ReduceMin', attributes: { noop_with_empty_axes: int(1) } },
      [],
      /leaves its operand/,
    ],
    ['Softmax along another axis', 13, 12, { op: 'Softmax', attributes: { axis: int(1) } }, [], /not the last/],
  ] as const)('leaves a model alone over %s', (_, from, to, node, constants, reason) => {
    const dtype = reason === undefined ? 'bfloat16' : 'float32';
    const model = modelWith(
      { name: '', from, node, shape: [2, 3, 4], ops: [], dtype },
      from,
      constants.map(int64Tensor),
    );
    runPass(inferShapes, model);
    const { version } = model.graph;
    const [refused] = runPass(convertOpset, model, { to, lower: true }).diagnostics;
    expect(refused).toMatchObject({ code: 'convert-opset-refused', at: `${node.op} 'n'` });
    expect(refused!.message).toMatch(reason ?? /not for bfloat16/);
    expect(model.graph.version).toBe(version);
    expect(opsetOf(model)).toBe(from);
  });

  it('does not go down unless told', () => {
    const model = modelWith({ name: '', from: 18, node: { op: 'Relu' }, shape: [2], ops: [] }, 18);
    expect(runPass(convertOpset, model, { to: 13 }).diagnostics).toEqual([]);
    expect(opsetOf(model)).toBe(18);
  });

  it('takes functions along, each from its own opset', () => {
    const model = modelWith({ name: '', from: 13, node: { op: 'Relu' }, shape: [2], ops: [] }, 13);
    const body = new Graph('body');
    const x = body.addInput('x', undefined);
    const sum = body.append({ op: 'ReduceMean', inputs: [x], attributes: { axes: ints([0]) } });
    body.addOutput(sum.outputs[0]!, 'y');
    model.functions.push({
      domain: 'own',
      name: 'Mean',
      overload: '',
      graph: body,
      attributeNames: [],
      attributeDefaults: new Map(),
      opsetImports: new Map([['', 15]]),
    });
    runPass(convertOpset, model, { to: 18 });
    expect(model.functions[0]!.opsetImports.get('')).toBe(18);
    expect(sum.inputs[1]?.constant?.dims).toEqual([1]);
  });
});

/** Cases of the backend suite with operators that are written otherwise in other opsets. */
const REWRITTEN =
  /reduce_|test_split_|dft|gridsample|roialign|group_norm|softmax|hardmax|clip|pad|slice|squeeze|top_k|dropout|batchnorm|flatten|concat/;

describe.skipIf(!HAS_ZOO)(`convert-opset on the ONNX backend suite${ZOO_NOTE}`, () => {
  it.each([26, 11, 7])('to opset %i', { timeout: 120_000 }, async (to) => {
    const steps = [step('infer-shapes'), step('lift-constants'), step('convert-opset', { to, lower: true })];
    const wrong: string[] = [];
    for (const one of backendCases().filter(({ name }) => REWRITTEN.test(name) && !name.endsWith('_expanded'))) {
      const verdict = await checkCase(one, CASE_VARIANTS['all but the first input constant'], { steps });
      if (['wrong', 'exception', 'unrunnable'].includes(verdict.kind)) wrong.push(`${one.name}: ${verdict.kind}`);
    }
    expect(wrong).toEqual([]);
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
      `convert-opset-raised opset ${from} was raised to ${NEWEST_OPSET}`,
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

describe('parts of a shape on the way down', () => {
  it.each([
    { start: 1, end: 2 },
    { start: -2, end: undefined },
    { start: 0, end: -1 },
  ])('are cut out by a Slice, from $start to $end', async ({ start, end }) => {
    const attributes = { start: int(start), ...(end === undefined ? {} : { end: int(end) }) };
    const node = { op: 'Shape', attributes };
    const model = modelWith({ name: '', from: 15, node, shape: [2, 3, 4], outputs: 1, ops: [] }, 15, []);
    const feed = feedOf([2, 3, 4]);
    const before = await runOnce(writeModel(model), feed);
    runPass(convertOpset, model, { to: 13, lower: true });
    expect(opsetOf(model)).toBe(13);
    expect(verify(model)).toEqual([]);
    expect([...model.graph.nodes()].map(({ op }) => op)).toEqual(['Shape', 'Slice']);
    expect(differences(before, await runOnce(writeModel(model), feed), 'exact')).toEqual([]);
  });
});
