import { float } from '../src/ir/attribute.ts';
import type { Node } from '../src/ir/node.ts';
import type { Value } from '../src/ir/value.ts';
import { dtypeOf, shapeOf } from '../src/ir/value-type.ts';
import { broadcastsInto } from '../src/rewrite/broadcast.ts';
import type { Build } from '../src/rewrite/build.ts';
import { clipBounds } from '../src/rewrite/clip-bounds.ts';
import { constantScalar } from '../src/rewrite/constant-numbers.ts';
import { type ConstantValue, constant, op, v } from '../src/rewrite/pattern.ts';
import { defineRule, type Site } from '../src/rewrite/rule.ts';
import { rulePass } from '../src/rewrite/rule-pass.ts';

const hardSwishToHardSigmoid = defineRule({
  name: 'hard-swish-to-hard-sigmoid',
  match: op('HardSwish', v('x')),
  reject: ({ x }) => typeReason(x),
  rewrite: ({ x }, build) => build.op('Mul', [x, hardSigmoid(build, x)]),
});

const cutToSix = () =>
  op('Clip', op('Add', v('x'), constant('three')))
    .variadic()
    .as('clip');

/** `clip(x + 3, 0, 6) / 6` */
export const dividedCutToHardSigmoid = defineRule({
  name: 'divided-cut-to-hard-sigmoid',
  match: op(['Div', 'Mul'], cutToSix(), constant('six')),
  reject: reasonAgainst,
  rewrite: ({ x }, build) => hardSigmoid(build, x),
});

/** `x * clip(x + 3, 0, 6) / 6` */
export const dividedProductToHardSigmoid = defineRule({
  name: 'divided-product-to-hard-sigmoid',
  match: op(['Div', 'Mul'], op('Mul', v('x'), cutToSix()), constant('six')),
  reject: reasonAgainst,
  rewrite: ({ x }, build) => build.op('Mul', [x, hardSigmoid(build, x)]),
});

/**
 * Says HardSwish (Howard et al. 2019, arXiv:1905.02244), in one node or written out, as `x * HardSigmoid(x)`, and the
 * written-out HardSigmoid as the operator: the product then runs in 8 bits.
 */
export const canonicalizeHardSwish = rulePass({
  name: 'canonicalize-hard-swish',
  summary: 'Say HardSwish and written-out HardSigmoid by the HardSigmoid operator',
  effect: 'reassociates',
  rules: [hardSwishToHardSigmoid, dividedProductToHardSigmoid, dividedCutToHardSigmoid],
});

function hardSigmoid(build: Build, x: Value): Value {
  return build.op('HardSigmoid', [x], { alpha: float(1 / 6), beta: float(0.5) }, x.type);
}

function typeReason(x: Value): string | undefined {
  const dtype = dtypeOf(x.type);
  return dtype === 'float32' || dtype === 'float16'
    ? undefined
    : 'the element type is not proven to be one that HardSigmoid is for';
}

function reasonAgainst(
  { x, three, six, clip }: { x: Value; three: ConstantValue; six: ConstantValue; clip: Node },
  { opset, root }: Site,
): string | undefined {
  if (opset < 7) return 'arithmetic before opset 7 broadcasts by other rules';
  const bounds = clipBounds(clip);
  if (typeof bounds === 'string') return bounds;
  const divisor = constantScalar(six) ?? Number.NaN;
  if (root.op === 'Div' && root.inputs[1] !== six) return 'the constant is divided, not the divisor';
  const sixth = root.op === 'Div' ? 1 / divisor : divisor;
  const exact = constantScalar(three) === 3 && bounds.min === 0 && bounds.max === 6 && isNearly(sixth, 1 / 6);
  if (!exact) return 'the constants are not those of HardSigmoid';
  const fits = [three, six].every((value) => broadcastsInto(value.constant.dims, shapeOf(x.type)));
  return fits ? typeReason(x) : 'a constant may widen the result';
}

/** Whether two numbers are the same up to the rounding of a 16-bit constant. */
function isNearly(a: number, b: number): boolean {
  return Math.abs(a - b) <= Math.abs(b) * 2 ** -11;
}
