import { type Attribute, floats, floatsOf, intOf } from '../src/ir/attribute.ts';
import type { Node } from '../src/ir/node.ts';
import { soleUse, type Value } from '../src/ir/value.ts';
import { dtypeOf, shapeOf } from '../src/ir/value-type.ts';
import { channelConstant } from '../src/rewrite/channel-constant.ts';
import { type FoldedWeights, foldBefore, rebuildLinear } from '../src/rewrite/fold-affine.ts';
import { type LinearNode, readLinear } from '../src/rewrite/linear-node.ts';
import { type ConstantValue, constant, op, opIn, v } from '../src/rewrite/pattern.ts';
import { defineRule, type Site } from '../src/rewrite/rule.ts';
import { rulePass } from '../src/rewrite/rule-pass.ts';

/**
 * How far from zero a normalization may move what a layer reads. What is moved further is nearly all subtracted again
 * behind the weights, and the digits that this costs were not lost before.
 */
const MAX_SHIFT = 16;

const ML = 'ai.onnx.ml';
const LINEAR_MODELS = ['LinearClassifier', 'LinearRegressor'] as const;

const standardized = defineRule({
  name: 'standardized-operand',
  match: op(
    'Gemm',
    op(['Mul', 'Div'], op(['Add', 'Sub'], v('x'), constant('mean')).as('move'), constant('deviation')).as('scale'),
  )
    .variadic()
    .as('layer'),
  plan: ({ x, mean, move, deviation, scale, layer }, site) =>
    planGemm({ x, mean, move, deviation, scale, layer }, site),
  rewrite: ({ x }, build, { linear, folded }) => rebuildLinear(build, linear, folded, x),
});

const scaledOperand = defineRule({
  name: 'scaled-operand',
  match: op('Gemm', op(['Mul', 'Div'], v('x'), constant('deviation')).as('scale'))
    .variadic()
    .as('layer'),
  plan: ({ x, deviation, scale, layer }, site) => planGemm({ x, deviation, scale, layer }, site),
  rewrite: ({ x }, build, { linear, folded }) => rebuildLinear(build, linear, folded, x),
});

const movedOperand = defineRule({
  name: 'moved-operand',
  match: op('Gemm', op(['Add', 'Sub'], v('x'), constant('mean')).as('move'))
    .variadic()
    .as('layer'),
  plan: ({ x, mean, move, layer }, site) => planGemm({ x, mean, move, layer }, site),
  rewrite: ({ x }, build, { linear, folded }) => rebuildLinear(build, linear, folded, x),
});

const scalerBeforeModel = defineRule({
  name: 'scaler-before-linear-model',
  match: opIn(ML, LINEAR_MODELS, opIn(ML, 'Scaler', v('x')).as('scaler')).as('model'),
  plan: ({ scaler, model }) => foldScaler(scaler, model, 0),
  rewrite: ({ x, model }, build, attributes) => build.copy(model, { inputs: [x], attributes }).outputs,
  results: 2,
});

const scalerAmongFeatures = defineRule({
  name: 'scaler-before-joined-features',
  match: opIn(ML, LINEAR_MODELS, op('Concat').variadic().as('joined')).as('model'),
  plan: ({ joined, model }) => {
    const rank = shapeOf(joined.outputs[0]?.type)?.length;
    if (rank !== 2 || ![1, -1].includes(intOf(joined, 'axis') ?? 1))
      return 'what is joined is not proven to be features';
    const at = joined.inputs.findIndex((value) => isScaler(value));
    if (at < 0) return 'no Scaler that nothing else reads is among them';
    const before = joined.inputs.slice(0, at).map((value) => shapeOf(value?.type)?.[1]);
    if (!before.every((width) => typeof width === 'number')) return 'the place of the scaled features is not proven';
    const first = before.reduce<number>((sum, width) => sum + (width as number), 0);
    const scaler = joined.inputs[at]!.producer!;
    const attributes = foldScaler(scaler, model, first);
    return typeof attributes === 'string' ? attributes : { at, x: scaler.inputs[0]!, attributes };
  },
  rewrite: ({ joined, model }, build, { at, x, attributes }) => {
    const whole = build.copy(joined, { inputs: joined.inputs.with(at, x) }).outputs[0]!;
    return build.copy(model, { inputs: [whole], attributes }).outputs;
  },
  results: 2,
});

/**
 * Folds what standardizes each feature by a number of its own into the weights that read the features: `(x - mean) / deviation`
 * before a Gemm, a Scaler before a linear model. Not for models that are to compute with integers, where features of one
 * size share a scale better.
 */
export const foldNormalization = rulePass({
  name: 'fold-normalization',
  summary: 'Fold the normalization of single features into the weights of the Gemm or linear model that reads them',
  effect: 'reassociates',
  rules: [standardized, scaledOperand, movedOperand, scalerBeforeModel, scalerAmongFeatures],
});

interface Steps {
  readonly x: Value;
  readonly layer: Node;
  readonly mean?: ConstantValue;
  readonly move?: Node;
  readonly deviation?: ConstantValue;
  readonly scale?: Node;
}

interface Fold {
  readonly linear: LinearNode;
  readonly folded: FoldedWeights;
}

function planGemm({ x, mean, move, deviation, scale, layer }: Steps, { opset }: Site): Fold | string {
  if (opset < 7) return 'arithmetic before opset 7 broadcasts by other rules';
  if (intOf(layer, 'transA') === 1) return 'the features are in the rows';
  const linear = readLinear(layer);
  if (typeof linear === 'string') return linear;
  const shape = shapeOf(x.type);
  if (shape?.length !== 2 || shape[1] !== linear.inputs) return 'the features are not proven';
  const features = { rank: 2, axis: 1, channels: linear.inputs };
  const by = deviation && channelConstant(deviation.constant, features);
  const added = mean && channelConstant(mean.constant, features);
  if (typeof by === 'string') return by;
  if (typeof added === 'string') return added;
  const ones = new Float64Array(linear.inputs).fill(1);
  const factors = (by ?? ones).map((number) => (scale?.op === 'Div' ? 1 / number : number));
  const sign = move?.op === 'Sub' ? -1 : 1;
  const shift = factors.map((factor, index) => sign * factor * (added?.[index] ?? 0));
  if (shift.some(isTooFar)) return 'it moves the features too far for their digits';
  const folded = foldBefore(linear, { scale: factors, shift });
  return typeof folded === 'string' ? folded : { linear, folded };
}

function isScaler(value: Value | undefined): boolean {
  const { producer } = value ?? {};
  return producer?.domain === ML && producer.op === 'Scaler' && value !== undefined && soleUse(value) !== undefined;
}

/** The attributes of a linear model that also does what a Scaler does to its features from `first` on, or why not. */
function foldScaler(scaler: Node, model: Node, first: number): Attributes | string {
  const shape = shapeOf(scaler.inputs[0]?.type);
  const width = shape?.[1];
  if (shape?.length !== 2 || typeof width !== 'number') return 'the features are not proven';
  if (dtypeOf(scaler.inputs[0]?.type) !== 'float32') return 'the features are not proven to be float32';
  const offset = perFeature(floatsOf(scaler, 'offset'), width);
  const scale = perFeature(floatsOf(scaler, 'scale'), width);
  const coefficients = floatsOf(model, 'coefficients');
  if (offset === undefined || scale === undefined || coefficients === undefined) return 'numbers are missing';
  const features = shapeOf(model.inputs[0]?.type)?.[1];
  const rows = typeof features === 'number' ? coefficients.length / features : 0;
  if (typeof features !== 'number' || !Number.isInteger(rows) || rows === 0)
    return 'the coefficients are of another number';
  const intercepts = floatsOf(model, 'intercepts') ?? new Array<number>(rows).fill(0);
  if (intercepts.length !== rows) return 'the intercepts are of another number';
  if (offset.some((number, index) => isTooFar(number * scale[index]!)))
    return 'it moves the features too far for their digits';
  const folded = coefficients.slice();
  const moved = intercepts.slice();
  for (let row = 0; row < rows; row++) {
    for (let index = 0; index < width; index++) {
      const at = row * features + first + index;
      const weight = coefficients[at]! * scale[index]!;
      folded[at] = weight;
      moved[row] = moved[row]! - weight * offset[index]!;
    }
  }
  if (![...folded, ...moved].every((number) => Number.isFinite(Math.fround(number))))
    return 'the folded weights are not finite';
  return { coefficients: floats(folded), intercepts: floats(moved) };
}

type Attributes = Readonly<Record<'coefficients' | 'intercepts', Attribute>>;

/** One number for each feature, of a list that has one for all or one for each. */
function perFeature(numbers: readonly number[] | undefined, width: number): readonly number[] | undefined {
  if (numbers?.length === 1) return new Array<number>(width).fill(numbers[0]!);
  return numbers?.length === width ? numbers : undefined;
}

function isTooFar(shift: number): boolean {
  return !(Math.abs(shift) <= MAX_SHIFT);
}
