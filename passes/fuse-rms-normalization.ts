import { float, int } from '../src/ir/attribute.ts';
import type { Tensor } from '../src/ir/tensor.ts';
import type { Value } from '../src/ir/value.ts';
import { shapeOf } from '../src/ir/value-type.ts';
import type { Build } from '../src/rewrite/build.ts';
import { anyOf, constant, op, v } from '../src/rewrite/pattern.ts';
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
const SINCE = 23;

const squared = anyOf(op('Pow', v('x'), constant('two', isExactly(2))), op('Mul', v('x'), v('x')));
const withEpsilon = op('Add', op('ReduceMean', squared).variadic().as('mean'), constant('epsilon'));
const inverse = anyOf(
  op('Reciprocal', op('Sqrt', withEpsilon)),
  op('Pow', withEpsilon, constant('exponent', isExactly(-0.5))),
);

/** `x / sqrt(mean(x^2) + epsilon)` */
const dividedByRoot = defineRule({
  name: 'rms-normalization-by-division',
  since: SINCE,
  match: op('Div', v('x'), op('Sqrt', withEpsilon)),
  plan: ({ x, mean, epsilon }) => normalizedPart(x, [mean], epsilon),
  rewrite: ({ x }, build, part) => normalize(build, x, part),
});

/** The same, times the reciprocal. */
const timesInverseRoot = defineRule({
  name: 'rms-normalization-by-product',
  since: SINCE,
  match: op('Mul', v('x'), inverse),
  plan: ({ x, mean, epsilon }) => normalizedPart(x, [mean], epsilon),
  rewrite: ({ x }, build, part) => normalize(build, x, part),
});

const scaleAfter = defineRule({
  name: 'scale-into-rms-normalization',
  match: op('Mul', op('RMSNormalization', v('x'), constant('scale')).as('norm'), constant('gain')),
  plan: ({ x, scale, gain }): { readonly scale: Tensor } | string => {
    const rank = shapeOf(x.type)?.length;
    if (rank === undefined) return 'the rank is not proven';
    if (gain.constant.dtype !== scale.constant.dtype) return 'the constant is of another type';
    const spread = spreadOver(gain.constant, scale.constant.dims, rank);
    const scaled = typeof spread === 'string' ? spread : combined(scale.constant, spread, (a, b) => a * b);
    return typeof scaled === 'string' ? scaled : { scale: scaled };
  },
  rewrite: ({ x, norm }, build, { scale }) => build.copy(norm, { inputs: [x, build.constant(scale)] }).outputs[0]!,
});

/**
 * Says root mean square normalization (Zhang and Sennrich 2019, arXiv:1910.07467) that is written out by the
 * RMSNormalization operator, with the scale after it.
 */
export const fuseRmsNormalization = rulePass({
  name: 'fuse-rms-normalization',
  summary: 'Say written-out root mean square normalization by RMSNormalization',
  effect: 'reassociates',
  rules: [dividedByRoot, timesInverseRoot, scaleAfter],
});

function normalize(build: Build, x: Value, { dtype, dims, rank, axis, epsilon }: NormalizedPart): Value {
  const scale = build.constant(filled(dtype, dims, 1));
  return build.op('RMSNormalization', [x, scale], { axis: int(axis - rank), epsilon: float(epsilon) }, x.type);
}
