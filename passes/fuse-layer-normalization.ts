import { float, int, intOf } from '../src/ir/attribute.ts';
import type { Node } from '../src/ir/node.ts';
import type { Tensor } from '../src/ir/tensor.ts';
import type { Value } from '../src/ir/value.ts';
import { shapeOf } from '../src/ir/value-type.ts';
import type { Build } from '../src/rewrite/build.ts';
import { anyOf, type ConstantValue, constant, op, optional, v } from '../src/rewrite/pattern.ts';
import { defineRule } from '../src/rewrite/rule.ts';
import { rulePass } from '../src/rewrite/rule-pass.ts';
import {
  combined,
  filled,
  isExactly,
  type NormalizedPart,
  normalizedPart,
  spreadOver,
} from '../src/rewrite/written-out-norm.ts';

/** The first opset with the operator. */
const SINCE = 17;

const mean = op('ReduceMean', v('x')).variadic().as('mean');
const centered = op('Sub', v('x'), mean).as('centered');
const squared = anyOf(op('Pow', centered, constant('two', isExactly(2))), op('Mul', centered, centered));
const variance = op('ReduceMean', squared).variadic().as('variance');
const withEpsilon = op('Add', variance, constant('epsilon'));
const inverse = anyOf(
  op('Reciprocal', op('Sqrt', withEpsilon)),
  op('Pow', withEpsilon, constant('exponent', isExactly(-0.5))),
);

interface Reductions {
  readonly x: Value;
  readonly mean: Node;
  readonly variance: Node;
  readonly epsilon: ConstantValue;
}

/** `(x - mean(x)) / sqrt(variance(x) + epsilon)` */
const dividedByDeviation = defineRule({
  name: 'layer-normalization-by-division',
  since: SINCE,
  match: op('Div', centered, op('Sqrt', withEpsilon)),
  plan: partOf,
  rewrite: ({ x }, build, part) => normalize(build, x, part),
});

/** The same, times the reciprocal. */
const timesInverseDeviation = defineRule({
  name: 'layer-normalization-by-product',
  since: SINCE,
  match: op('Mul', centered, inverse),
  plan: partOf,
  rewrite: ({ x }, build, part) => normalize(build, x, part),
});

const factor = op('Mul', inverse, constant('gamma')).as('factor');

/** `x * m + (beta - mean(x) * m)` with `m = gamma / sqrt(variance(x) + epsilon)`, as TensorFlow writes it. */
const shiftedProduct = defineRule({
  name: 'layer-normalization-by-shift',
  since: SINCE,
  match: op('Add', op('Mul', v('x'), factor), op('Sub', constant('beta'), op('Mul', mean, factor))),
  plan: (captures): (NormalizedPart & Affine) | string => {
    const part = partOf(captures);
    if (typeof part === 'string') return part;
    const scale = spreadLike(captures.gamma, part);
    const bias = spreadLike(captures.beta, part);
    if (typeof scale === 'string') return scale;
    return typeof bias === 'string' ? bias : { ...part, scale, bias };
  },
  rewrite: ({ x }, build, part) => normalize(build, x, part),
});

const normalization = op('LayerNormalization', v('x'), constant('scale'), optional(constant('bias'))).as('norm');

interface Norm {
  readonly x: Value;
  readonly norm: Node;
  readonly scale: ConstantValue;
  readonly bias?: ConstantValue | undefined;
}

interface Affine {
  readonly scale: Tensor;
  readonly bias?: Tensor | undefined;
}

const scaleAfter = defineRule({
  name: 'scale-into-layer-normalization',
  match: op('Mul', normalization, constant('gain')),
  plan: ({ x, scale, bias, gain }): Affine | string => {
    const spread = alongNorm(gain, scale, x);
    if (typeof spread === 'string') return spread;
    const scaled = combined(scale.constant, spread, (a, b) => a * b);
    const moved = bias && combined(bias.constant, spread, (a, b) => a * b);
    if (typeof scaled === 'string') return scaled;
    return typeof moved === 'string' ? moved : { scale: scaled, bias: moved };
  },
  rewrite: (captures, build, affine) => rebuilt(captures, build, affine),
});

const biasAfter = defineRule({
  name: 'bias-into-layer-normalization',
  match: op('Add', normalization, constant('shift')),
  plan: ({ x, scale, bias, shift }): Affine | string => {
    const spread = alongNorm(shift, scale, x);
    if (typeof spread === 'string') return spread;
    const before = bias?.constant ?? filled(scale.constant.dtype, scale.constant.dims, 0);
    const moved = combined(before, spread, (a, b) => a + b);
    return typeof moved === 'string' ? moved : { scale: scale.constant, bias: moved };
  },
  rewrite: (captures, build, affine) => rebuilt(captures, build, affine),
});

/**
 * Says layer normalization (Ba et al. 2016, arXiv:1607.06450) that is written out by the LayerNormalization operator,
 * with the scale and bias after it.
 */
export const fuseLayerNormalization = rulePass({
  name: 'fuse-layer-normalization',
  summary: 'Say written-out layer normalization by LayerNormalization',
  effect: 'reassociates',
  rules: [dividedByDeviation, timesInverseDeviation, shiftedProduct, scaleAfter, biasAfter],
});

function partOf({ x, mean: average, variance: spread, epsilon }: Reductions): NormalizedPart | string {
  return normalizedPart(x, [average, spread], epsilon);
}

function normalize(build: Build, x: Value, part: NormalizedPart & Partial<Affine>): Value {
  const { dtype, dims, rank, axis, epsilon, scale = filled(dtype, dims, 1), bias } = part;
  return build.op(
    'LayerNormalization',
    [x, build.constant(scale), ...(bias === undefined ? [] : [build.constant(bias)])],
    { axis: int(axis - rank), epsilon: float(epsilon) },
    x.type,
  );
}

/** A constant as the scale or bias of a normalization. */
function spreadLike({ constant: tensor }: ConstantValue, { dtype, dims, rank }: NormalizedPart): Tensor | string {
  const spread = spreadOver(tensor, dims, rank);
  return typeof spread === 'string' ? spread : combined(filled(dtype, dims, 1), spread, (_, b) => b);
}

function alongNorm({ constant: tensor }: ConstantValue, scale: ConstantValue, x: Value): Float64Array | string {
  const rank = shapeOf(x.type)?.length;
  if (rank === undefined) return 'the rank is not proven';
  if (tensor.dtype !== scale.constant.dtype) return 'the constant is of another type';
  return spreadOver(tensor, scale.constant.dims, rank);
}

function rebuilt({ x, norm }: Norm, build: Build, { scale, bias }: Affine): Value {
  const operands = [x, build.constant(scale), ...(bias === undefined ? [] : [build.constant(bias)])];
  const made = build.copy(norm, { inputs: operands, attributes: { axis: int(intOf(norm, 'axis') ?? -1) } });
  return made.outputs[0]!;
}
