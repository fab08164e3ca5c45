import { type Attribute, ints } from '../ir/attribute.ts';
import { int64Tensor } from '../ir/tensor.ts';
import type { Value } from '../ir/value.ts';
import type { ValueType } from '../ir/value-type.ts';
import type { Build } from './build.ts';

/** The first opset in which an operator takes its axes as an operand instead of an attribute. */
const AXES_OPERAND_SINCE: Readonly<Record<string, number>> = { Squeeze: 13, Unsqueeze: 13, ReduceSum: 13 };

/** As above, for all other reductions. */
const REDUCTION_AXES_OPERAND_SINCE = 18;

/** Builds a Squeeze, Unsqueeze or reduction over `axes` in the form of the opset at hand. */
export function buildWithAxes(
  build: Build,
  name: string,
  x: Value,
  axes: readonly number[],
  more: { readonly attributes?: Readonly<Record<string, Attribute>>; readonly type?: ValueType | undefined } = {},
): Value {
  const { attributes = {}, type } = more;
  const since = AXES_OPERAND_SINCE[name] ?? REDUCTION_AXES_OPERAND_SINCE;
  return build.opset >= since
    ? build.op(name, [x, build.constant(int64Tensor(axes))], attributes, type)
    : build.op(name, [x], { ...attributes, axes: ints(axes) }, type);
}
