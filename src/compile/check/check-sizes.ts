import type { Dataset } from '../../data/dataset.ts';
import { synthesizeDataset } from '../../data/synthesize-dataset.ts';
import { kindOf } from '../../ir/dtype.ts';
import type { Model } from '../../ir/model.ts';
import { costOf } from '../../ops/cost/cost-of.ts';
import type { Port } from '../../runtime/session.ts';

/** Sizes of a model's open dimensions, with a sample of inputs that have them. */
export interface SizedInputs {
  /** How a message calls them: `N=7, S=13`. */
  readonly label: string;
  readonly dataset: Dataset;
}

/**
 * Sizes that open dimensions are checked with: 1, which broadcasts and makes axes droppable; 2, which repeats; an odd
 * number that divides nothing; and one that is above it and no power of two.
 */
const SIZES = [13, 2, 7, 1] as const;

/** Sizes of the batch, with everything else as the model runs by default. */
const BATCHES = [2, 7] as const;

/** Multiply-accumulates that all checks of one model may take, on either side: about two seconds of one core. */
const MAX_MACS = 1e10;

/** Elements of one sample, beyond which sizes are left out: what a model does without multiplying takes time too. */
const MAX_ELEMENTS = 2 ** 22;

/**
 * Inputs for several sizes of the open dimensions: other batches with everything else as `usual` has it, then all open
 * dimensions at once, each with another of the sizes. First axes are the batch and go together; dimensions of one name
 * have one size; those without a name have one each. Empty where nothing is open. What the budget does not allow is left out.
 *
 * @param usual the dimensions of a sample that the model is known to run on, by input.
 * @param typed the model with its types inferred, for what a run takes.
 */
export function checkSizes(
  inputs: readonly Port[],
  usual: ReadonlyMap<string, readonly number[]>,
  typed: Model,
  seed: number,
): { readonly checks: readonly SizedInputs[]; readonly leftOut: number } {
  const axes = openAxes(inputs);
  const names = [...new Set(axes.map(({ name }) => name))];
  const batch = new Set(axes.filter(({ axis }) => axis === 0).map(({ name }) => name));
  const others = names.filter((name) => !batch.has(name));
  if (names.length === 0 || inputs.some(({ dtype }) => dtype === 'non-tensor' || kindOf(dtype) === 'complex'))
    return { checks: [], leftOut: 0 };
  const asUsual = new Map(axes.flatMap(({ name, input, axis }) => sizeIn(usual, name, input, axis)));
  const withBatch = (size: number): [string, number][] => [...batch].map((name) => [name, size]);
  const bindings = [
    ...(batch.size > 0 && others.length > 0 ? BATCHES.map((size) => new Map([...asUsual, ...withBatch(size)])) : []),
    // Every dimension takes every size, and two of them never the same one where there are enough sizes.
    ...SIZES.map((_, turn) => {
      const at = (index: number): number => SIZES[(turn + index) % SIZES.length]!;
      return new Map([
        ...withBatch(at(1)),
        ...others.map((name, index) => [name, at(index + (batch.size > 0 ? 2 : 1))] as const),
      ]);
    }),
  ];
  const checks: SizedInputs[] = [];
  let left = MAX_MACS;
  for (const sizes of bindings) {
    const dims = new Map(inputs.map((port) => [port.name, dimsOf(port, sizes)]));
    const elements = [...dims.values()].reduce((sum, list) => sum + list.reduce((product, dim) => product * dim, 1), 0);
    const { macs } = costOf(typed, sizes);
    if (macs > left || elements > MAX_ELEMENTS) continue;
    left -= macs;
    const hints = Object.fromEntries(Array.from(dims, ([name, list]) => [name, { dims: list }]));
    checks.push({
      label: Array.from(sizes, ([name, size]) => `${name}=${size}`).join(', '),
      dataset: synthesizeDataset(inputs, { seed: seed + checks.length, samples: 1, hints }),
    });
  }
  return { checks, leftOut: bindings.length - checks.length };
}

interface OpenAxis {
  readonly input: string;
  readonly axis: number;
  readonly name: string;
}

function openAxes(inputs: readonly Port[]): readonly OpenAxis[] {
  return inputs.flatMap((port) =>
    port.dims.flatMap((dim, axis) =>
      typeof dim === 'number' ? [] : [{ input: port.name, axis, name: axisName(port, axis) }],
    ),
  );
}

/** The name of an open dimension: its own, or one that no other has. */
function axisName({ name, dims }: Port, axis: number): string {
  const dim = dims[axis];
  return typeof dim === 'string' && dim !== '' ? dim : `${name}[${axis}]`;
}

function dimsOf(port: Port, sizes: ReadonlyMap<string, number>): readonly number[] {
  return port.dims.map((dim, axis) => (typeof dim === 'number' ? dim : (sizes.get(axisName(port, axis)) ?? 1)));
}

function sizeIn(
  usual: ReadonlyMap<string, readonly number[]>,
  name: string,
  input: string,
  axis: number,
): readonly (readonly [string, number])[] {
  const size = usual.get(input)?.[axis];
  return size === undefined ? [] : [[name, size]];
}
