import { expect, it } from 'vitest';
import { checkFile } from '../../bench/fuzz/files/check-file.ts';
import { generated } from '../../bench/fuzz/files/corpus.ts';
import { parseWire, printWire } from '../../bench/fuzz/files/wire-tree.ts';
import { checkGraph } from '../../bench/fuzz/graphs/check-graph.ts';
import { randomGraph } from '../../bench/fuzz/graphs/random-graph.ts';
import type { Outcome } from '../../bench/fuzz/outcome.ts';
import { writeModel } from '../../src/onnx/write-model.ts';

const GRAPHS = 300;
const FILES = 1000;
/** One graph in so many is run in ONNX Runtime as well. */
const RUNTIME_EVERY = 30;
/** Another range of seeds than that of the benchmark's runs. */
const FIRST_SEED = 40_000;

/** A few seconds on a machine that does nothing else. */
const PATIENCE = { timeout: 240_000 };

/** Faults as text, and how often each outcome was met. */
async function outcomes(count: number, one: (seed: number) => Outcome | Promise<Outcome>) {
  const faults: string[] = [];
  const results = new Map<string, number>();
  for (let seed = FIRST_SEED; seed < FIRST_SEED + count; seed++) {
    const { result, fault } = await one(seed);
    results.set(result, (results.get(result) ?? 0) + 1);
    if (fault !== undefined) faults.push(`seed ${seed}: ${result}: ${fault}`);
  }
  return { faults, results };
}

it(`${GRAPHS} random graphs give the same after random passes and after the default pipeline`, PATIENCE, async () => {
  const { faults, results } = await outcomes(GRAPHS, (seed) => checkGraph(seed, { runtimeEvery: RUNTIME_EVERY }));
  expect(faults).toEqual([]);
  // Most can be compared; that all could not would pass too.
  expect((results.get('agrees') ?? 0) + (results.get('agrees-in-runtime') ?? 0)).toBeGreaterThan(0.9 * GRAPHS);
});

it(`${FILES} damaged files are refused with a code, or come through`, PATIENCE, async () => {
  const { faults, results } = await outcomes(FILES, (seed) => checkFile(seed, generated));
  expect(faults).toEqual([]);
  // Damage that is always noticed at once, or never, would try nothing out.
  expect(results.get('accepted')).toBeGreaterThan(FILES / 10);
  expect(results.size).toBeGreaterThan(8);
});

it('the wire form of a model is taken apart and put together again to the same bytes', () => {
  for (let seed = 0; seed < 50; seed++) {
    const bytes = writeModel(randomGraph(seed).model);
    expect(Buffer.compare(printWire(parseWire(bytes)!), bytes)).toBe(0);
  }
});
