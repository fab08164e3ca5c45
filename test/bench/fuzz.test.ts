import { expect, it } from 'vitest';
import { evaluateModel, Unspecified } from '../../bench/fuzz/evaluate/evaluate-model.ts';
import { checkFile } from '../../bench/fuzz/files/check-file.ts';
import { generated } from '../../bench/fuzz/files/corpus.ts';
import { parseWire, printWire } from '../../bench/fuzz/files/wire-tree.ts';
import { checkGraph } from '../../bench/fuzz/graphs/check-graph.ts';
import { GraphMaker } from '../../bench/fuzz/graphs/graph-maker.ts';
import { writeIdiom } from '../../bench/fuzz/graphs/idiom-steps.ts';
import { IDIOMS } from '../../bench/fuzz/graphs/idioms.ts';
import { isStable } from '../../bench/fuzz/graphs/is-stable.ts';
import { randomGraph } from '../../bench/fuzz/graphs/random-graph.ts';
import { randomTensor } from '../../bench/fuzz/graphs/random-values.ts';
import type { Outcome } from '../../bench/fuzz/outcome.ts';
import { Graph } from '../../src/ir/graph.ts';
import type { Model } from '../../src/ir/model.ts';
import { tensorFromNumbers } from '../../src/ir/tensor.ts';
import { parseModel } from '../../src/ir/text/parse.ts';
import { tensorType } from '../../src/ir/value-type.ts';
import { writeModel } from '../../src/onnx/write-model.ts';
import { seededRandom } from '../../src/random/seeded-random.ts';

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

it('what exporters write can be written down, all of it', () => {
  for (const idiom of IDIOMS) {
    const written = Array.from({ length: 20 }, (_, seed) => writeIdiom(makerOf(seed), idiom));
    expect(written, [...idiom.nodes()].map(({ op }) => op).join()).toContain(true);
  }
});

it('sums that cancel out are unstable, and what a loop stacks in no iteration has no sizes', () => {
  const feed = (x: number) => new Map([['x', tensorFromNumbers('float32', [1], [x])]]);
  const stable = (model: Model, x: number) => isStable(model, feed(x), evaluateModel(model, feed(x)), seededRandom(1));
  const sum = parseModel('g (float[1] x) => (float[1] y) <float one = {1}> { t = Tanh(x) y = Add(t, one) }');
  expect([stable(sum, 1), stable(sum, -6)]).toEqual([true, false]);
  const loop = parseModel(`g (float[1] x) => (float[?,1] z) <int64 n = {0}, bool t = {1}> {
    y, z = Loop(n, t, x) <body = b (int64 i, bool c, float[1] v) => (bool c, float[1] v, float[1] w) { w = Neg(v) }> }`);
  expect(() => evaluateModel(loop, feed(1))).toThrow(Unspecified);
});

/** A maker of a graph with one small input. */
function makerOf(seed: number): GraphMaker {
  const random = seededRandom(seed);
  const graph = new Graph('g');
  const meaning = { functions: [], opsetImports: new Map([['', 17]]) };
  const maker = new GraphMaker({ random, graph, opset: 17, meaning, environment: new Map(), depth: 0 });
  maker.adopt(graph.addInput('x', tensorType('float32', [2, 3])), randomTensor(random, 'float32', [2, 3]));
  return maker;
}
