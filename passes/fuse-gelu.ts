import { text } from '../src/ir/attribute.ts';
import { dtypeOf, shapeOf } from '../src/ir/value-type.ts';
import { anyOf, type ConstantValue, constant, op, type Pattern, v } from '../src/rewrite/pattern.ts';
import { type AnyRule, defineRule } from '../src/rewrite/rule.ts';
import { rulePass } from '../src/rewrite/rule-pass.ts';
import { isExactly, isNumber } from '../src/rewrite/written-out-norm.ts';

/** The first opset with the operator. */
const SINCE = 20;

const CUBIC = 0.044715;
const SQRT_2_OVER_PI = Math.sqrt(2 / Math.PI);

/** `x / sqrt(2)` */
const scaled = anyOf(
  op('Div', v('x'), constant('root', isNumber(Math.SQRT2))),
  op('Mul', v('x'), constant('root', isNumber(Math.SQRT1_2))),
);

/** `x + 0.044715 x^3`, also as `x (1 + 0.044715 x^2)`, times the root of 2 over pi. */
const square = anyOf(op('Mul', v('x'), v('x')), op('Pow', v('x'), constant('two', isExactly(2))));
const cube = anyOf(op('Pow', v('x'), constant('three', isExactly(3))), op('Mul', v('x'), square));
const cubicTerm = anyOf(
  op('Mul', cube, constant('cubic', isNumber(CUBIC))),
  op('Mul', v('x'), op('Mul', square, constant('cubic', isNumber(CUBIC)))),
  op('Mul', square, op('Mul', v('x'), constant('cubic', isNumber(CUBIC)))),
);
const squareTerm = anyOf(
  op('Mul', square, constant('cubic', isNumber(CUBIC))),
  op('Mul', v('x'), op('Mul', v('x'), constant('cubic', isNumber(CUBIC)))),
);
const onePlusSquare = op('Add', squareTerm, constant('unit', isExactly(1)));
const polynomial = anyOf(
  op(
    'Mul',
    anyOf(op('Add', v('x'), cubicTerm), op('Mul', v('x'), onePlusSquare)),
    constant('root', isNumber(SQRT_2_OVER_PI)),
  ),
  op('Mul', op('Mul', v('x'), constant('root', isNumber(SQRT_2_OVER_PI))), onePlusSquare),
);

/** Gelu (Hendrycks and Gimpel 2016, arXiv:1606.08415) by the error function and by its approximation. */
const FORMS = [
  { name: 'gelu', approximate: 'none', step: op('Erf', scaled) },
  { name: 'tanh-gelu', approximate: 'tanh', step: op('Tanh', polynomial) },
] as const;

/** The same product of `x`, one half and `1 + step`, by which two factors are multiplied first. */
function productRules(name: string, approximate: string, step: Pattern): readonly AnyRule[] {
  const onePlus = op('Add', step, constant('one', isExactly(1)));
  const halved = <C>(pattern: Pattern<C>) =>
    anyOf(op('Mul', pattern, constant('half', isExactly(0.5))), op('Div', pattern, constant('half', isExactly(2))));
  const halfPlus = op('Add', halved(step), constant('one', isExactly(0.5)));
  const products = {
    'factors-last': op('Mul', v('x'), anyOf(halved(onePlus), halfPlus)),
    'half-first': op('Mul', halved(v('x')), onePlus),
    'half-last': op('Mul', op('Mul', v('x'), onePlus), constant('half', isExactly(0.5))),
    'division-last': op('Div', op('Mul', v('x'), onePlus), constant('half', isExactly(2))),
  };
  return Object.entries(products).map(([order, match]) =>
    defineRule({
      name: `${name}-${order}`,
      since: SINCE,
      match,
      reject: (captures) => {
        const { x } = captures;
        const dtype = dtypeOf(x.type);
        const rank = shapeOf(x.type)?.length;
        if (dtype !== 'float32' && dtype !== 'float16')
          return 'the element type is not proven to be float32 or float16';
        const constants = Object.values<unknown>(captures).filter(isConstant);
        const widest = Math.max(...constants.map((value) => value.constant.dims.length));
        return widest > (rank ?? 0) ? 'a constant may add axes' : undefined;
      },
      rewrite: ({ x }, build) =>
        build.op('Gelu', [x], approximate === 'none' ? {} : { approximate: text(approximate) }, x.type),
    }),
  );
}

function isConstant(captured: unknown): captured is ConstantValue {
  return typeof captured === 'object' && captured !== null && 'constant' in captured && captured.constant !== undefined;
}

/** Says GELU that is written out, with the error function or with the hyperbolic tangent, by the Gelu operator. */
export const fuseGelu = rulePass({
  name: 'fuse-gelu',
  summary: 'Say written-out GELU by Gelu',
  effect: 'reassociates',
  rules: FORMS.flatMap(({ name, approximate, step }) => productRules(name, approximate, step)),
});
