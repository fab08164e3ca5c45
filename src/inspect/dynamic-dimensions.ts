import { fail } from '../diagnostics/modelpress-error.ts';
import type { Graph } from '../ir/graph.ts';
import { shapeOf } from '../ir/value-type.ts';
import type { TypeOf } from '../ops/cost/sizes.ts';
import { symbolsOf } from '../ops/dims/evaluate-dim.ts';
import type { DynamicDimension } from './inspection.ts';

/** What an open size counts as where nothing is said: figures are then those of the smallest sample. */
const UNBOUND_SIZE = 1;

/**
 * The symbols of a graph's inputs with the sizes that they are to have, in order of appearance.
 *
 * @throws ModelpressError `inspect-unknown-symbol` where `sizes` names one that no input has.
 */
export function dynamicDimensions(
  graph: Graph,
  typeOf: TypeOf,
  sizes: Readonly<Record<string, number>>,
): readonly DynamicDimension[] {
  const places = new Map<string, string[]>();
  for (const input of graph.inputs) {
    for (const [axis, dim] of (shapeOf(typeOf(input)) ?? []).entries()) {
      for (const symbol of symbolsOf(dim)) {
        const at = places.get(symbol) ?? [];
        places.set(symbol, at);
        at.push(`${input.name}[${axis}]`);
      }
    }
  }
  const stranger = Object.keys(sizes).find((symbol) => !places.has(symbol));
  if (stranger !== undefined) {
    const known = [...places.keys()];
    fail({
      code: 'inspect-unknown-symbol',
      message: `a size is given for '${stranger}', which is no dynamic dimension of the model's inputs`,
      at: stranger,
      hint: known.length === 0 ? 'All sizes of its inputs are fixed.' : `Its dynamic dimensions: ${known.join(', ')}.`,
    });
  }
  return [...places].map(([symbol, at]) => {
    const given = Object.hasOwn(sizes, symbol);
    return { symbol, size: given ? sizes[symbol]! : UNBOUND_SIZE, given, at };
  });
}
