import { isInteger } from '../ir/dtype.ts';
import type { Port } from '../runtime/session.ts';
import { batchAxis } from './batch-axis.ts';
import { isSymbol } from './fit-shape.ts';

/** Steps of a sequence, of those to come as of those before; tables of positions have more than twice as many rows. */
const STEPS = 16;

/**
 * Sizes to try for the symbols of a model that does not run where each open axis is of any size. Models that go on from a
 * cache take a mask over the steps before and those to come: a symbol that says so (`past + sequence`), or that masks
 * alone have, is the sum of the others. If that does not do either, one step of everything may; or the first axis is no
 * batch but the rows of a table that another input points into, as the nodes of a graph are.
 */
export function sequenceSizes(inputs: readonly Port[]): readonly Readonly<Record<string, number>>[] {
  const batches = new Set(inputs.map(({ dims }) => dims[batchAxis(dims)]));
  const all = inputs.flatMap(({ dims }) => dims.filter(isSymbol));
  const symbols = new Set(all.filter((dim) => !batches.has(dim)));
  const table = Object.fromEntries(all.map((symbol) => [symbol, STEPS]));
  if (symbols.size === 0) return all.length === 0 ? [] : [table];
  const elsewhere = new Set(inputs.filter(({ name }) => !/mask$/i.test(name)).flatMap(({ dims }) => dims));
  const isTotal = (symbol: string): boolean => symbol.includes('+') || !elsewhere.has(symbol);
  const parts = new Map([...symbols].filter((symbol) => !isTotal(symbol)).map((symbol) => [symbol, STEPS]));
  const totals = [...symbols].filter(isTotal);
  const one = Object.fromEntries([...symbols].map((symbol) => [symbol, 1]));
  if (totals.length === 0 || parts.size === 0) return [one, table];
  const whole = [...parts.values()].reduce((sum, size) => sum + size, fixedSteps(inputs));
  const sized = totals.map((symbol) => [symbol, sumOf(symbol, parts) ?? whole] as const);
  return [Object.fromEntries([...parts, ...sized]), one, table];
}

/** What a symbol that is written as a sum comes to. */
function sumOf(symbol: string, sizes: ReadonlyMap<string, number>): number | undefined {
  if (!symbol.includes('+')) return undefined;
  const terms = symbol.split('+').map((text) => {
    const term = text.trim();
    return /^\d+$/.test(term) ? Number(term) : sizes.get(term);
  });
  return terms.reduce<number | undefined>(
    (sum, term) => (sum === undefined || term === undefined ? undefined : sum + term),
    0,
  );
}

/** Steps to come where their number is fixed: that of a list of token numbers. */
function fixedSteps(inputs: readonly Port[]): number {
  for (const { name, dtype, dims } of inputs) {
    const steps = dims[1];
    if (dims.length !== 2 || dtype === 'non-tensor' || !isInteger(dtype) || /mask$/i.test(name)) continue;
    return typeof steps === 'number' ? steps : 0;
  }
  return 0;
}
