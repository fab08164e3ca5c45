import { int, intOf, ints, intsOf } from '../src/ir/attribute.ts';
import type { Node } from '../src/ir/node.ts';
import type { Value } from '../src/ir/value.ts';
import { dtypeOf, shapeOf } from '../src/ir/value-type.ts';
import { integersOf, normalizedAxes } from '../src/rewrite/constant-numbers.ts';
import { op, v } from '../src/rewrite/pattern.ts';
import { defineRule } from '../src/rewrite/rule.ts';
import { rulePass } from '../src/rewrite/rule-pass.ts';

const CHANNELS_LAST = [0, 2, 3, 1];

const meanToGlobalAverage = defineRule({
  name: 'mean-to-global-average',
  match: op('ReduceMean', v('x')).variadic().as('mean'),
  reject: ({ x, mean }) => reasonAgainst(mean, x, [2, 3]),
  rewrite: ({ x, mean }, build) => {
    if (keepsDimensions(mean)) return build.op('GlobalAveragePool', [x]);
    return build.op('Flatten', [build.op('GlobalAveragePool', [x])], { axis: int(1) });
  },
});

/** The mean over height and width of a tensor that was only transposed for it. */
const channelsLastMeanToGlobalAverage = defineRule({
  name: 'channels-last-mean-to-global-average',
  match: op('ReduceMean', op('Transpose', v('x')).as('transpose').shared())
    .variadic()
    .as('mean'),
  reject: ({ x, transpose, mean }) => {
    if (intsOf(transpose, 'perm')?.join() !== CHANNELS_LAST.join())
      return 'the Transpose does not put the channels last';
    return reasonAgainst(mean, x, [1, 2]);
  },
  rewrite: ({ x, mean }, build) => {
    const average = build.op('GlobalAveragePool', [x]);
    if (keepsDimensions(mean)) return build.op('Transpose', [average], { perm: ints(CHANNELS_LAST) });
    return build.op('Flatten', [average], { axis: int(1) });
  },
});

/**
 * Turns the mean over height and width of an image into GlobalAveragePool, which runtimes have 8-bit kernels for. Means
 * over one axis, as in layer normalization, stay as they are.
 */
export const canonicalizeReduceMean = rulePass({
  name: 'canonicalize-reduce-mean',
  summary: 'Turn ReduceMean over height and width into GlobalAveragePool',
  effect: 'reassociates',
  rules: [meanToGlobalAverage, channelsLastMeanToGlobalAverage],
});

function reasonAgainst(mean: Node, x: Value, wanted: readonly number[]): string | undefined {
  if (shapeOf(x.type)?.length !== 4) return 'the operand is not proven to have four dimensions';
  const dtype = dtypeOf(x.type);
  if (dtype !== 'float32' && dtype !== 'float16') return 'the element type is not one that GlobalAveragePool is for';
  const axes = integersOf(mean, 'axes', 1);
  if (typeof axes === 'string') return axes === 'absent' ? 'the mean is over all axes' : 'the axes are not constant';
  return normalizedAxes(axes, 4)?.join() === wanted.join() ? undefined : 'the axes are not height and width';
}

function keepsDimensions(mean: Node): boolean {
  return intOf(mean, 'keepdims') !== 0;
}
