import { int, intOf, ints, intsOf, textOf } from '../src/ir/attribute.ts';
import type { Node } from '../src/ir/node.ts';
import { padAmounts } from '../src/rewrite/pad-amounts.ts';
import { op, v } from '../src/rewrite/pattern.ts';
import { defineRule } from '../src/rewrite/rule.ts';
import { rulePass } from '../src/rewrite/rule-pass.ts';

const paddedInput = () => op('Pad', v('x')).variadic().as('pad');

const padIntoConv = defineRule({
  name: 'pad-into-conv',
  match: op('Conv', paddedInput()).variadic().as('conv'),
  plan: ({ pad, conv }) => mergedPads(pad, conv),
  rewrite: ({ x, conv }, build, { pads }) =>
    build.copy(conv, { inputs: [x, ...conv.inputs.slice(1)], attributes: { pads: ints(pads), auto_pad: undefined } })
      .outputs[0]!,
});

/** The zeros of the Pad are part of the average, so the pool must count the padding that it now does itself. */
const padIntoAveragePool = defineRule({
  name: 'pad-into-average-pool',
  match: op('AveragePool', paddedInput()).as('pool'),
  plan: ({ pad, pool }, { opset }) => {
    if (opset < 7) return 'AveragePool before opset 7 never counts its padding';
    if (intOf(pool, 'ceil_mode') === 1) return 'the AveragePool rounds its size up';
    const own = intsOf(pool, 'pads') ?? [];
    if (intOf(pool, 'count_include_pad') !== 1 && own.some((amount) => amount !== 0)) {
      return 'the AveragePool does not count its own padding';
    }
    const merged = mergedPads(pad, pool);
    if (typeof merged === 'string') return merged;
    const kernel = intsOf(pool, 'kernel_shape') ?? [];
    const fits = merged.pads.every((amount, index) => amount < kernel[index % kernel.length]!);
    return fits ? merged : 'the padding is not smaller than the kernel';
  },
  rewrite: ({ x, pool }, build, { pads }) =>
    build.copy(pool, {
      inputs: [x],
      attributes: { pads: ints(pads), count_include_pad: int(1), auto_pad: undefined },
    }).outputs[0]!,
});

/**
 * Folds a Pad that adds zeros to spatial axes into the padding of the Conv or AveragePool that reads it. MaxPool is left
 * alone: it pads with minus infinity, and a zero is larger than negative data.
 */
export const fusePadConv = rulePass({
  name: 'fuse-pad-conv',
  summary: 'Fold zero Pad nodes into the padding of the Conv or AveragePool after them',
  effect: 'reassociates',
  rules: [padIntoConv, padIntoAveragePool],
});

/** The `pads` attribute with which a node does the padding of the Pad before it, or why it cannot. */
function mergedPads(pad: Node, node: Node): { readonly pads: readonly number[] } | string {
  const amounts = padAmounts(pad);
  if (typeof amounts === 'string') return amounts;
  const { mode, fill, begin, end } = amounts;
  if (mode !== 'constant') return `the Pad is in mode ${mode}`;
  if (fill !== 0)
    return fill === undefined ? 'the number that the Pad adds is not constant' : 'the Pad adds another number than 0';
  const all = [...begin, ...end];
  if (all.some((amount) => amount < 0)) return 'the Pad takes away';
  if ([begin[0], begin[1], end[0], end[1]].some((amount) => amount !== 0))
    return 'the Pad adds to the batch or the channels';
  const auto = textOf(node, 'auto_pad') ?? 'NOTSET';
  if (auto !== 'NOTSET' && auto !== 'VALID') return `the padding of the ${node.op} depends on its input (${auto})`;
  const spatial = [...begin.slice(2), ...end.slice(2)];
  const own = auto === 'VALID' ? [] : (intsOf(node, 'pads') ?? []);
  if (own.length > 0 && own.length !== spatial.length) return `the ${node.op} has another rank than the Pad`;
  return { pads: spatial.map((amount, index) => amount + (own[index] ?? 0)) };
}
