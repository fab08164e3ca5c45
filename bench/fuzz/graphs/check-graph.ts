import { PASSES } from '../../../passes/index.ts';
import { ModelpressError } from '../../../src/diagnostics/modelpress-error.ts';
import { differenceOfModels } from '../../../src/ir/equal-models.ts';
import type { Model } from '../../../src/ir/model.ts';
import type { Tensor } from '../../../src/ir/tensor.ts';
import { parseModel } from '../../../src/ir/text/parse.ts';
import { printModel } from '../../../src/ir/text/print.ts';
import { verify } from '../../../src/ir/verify.ts';
import { graphsOf } from '../../../src/ir/walk.ts';
import { readModel } from '../../../src/onnx/read-model.ts';
import { writeModel } from '../../../src/onnx/write-model.ts';
import { printPipeline } from '../../../src/pass/pipeline.ts';
import { runPipeline } from '../../../src/pass/run-pipeline.ts';
import { type Random, seededRandom } from '../../../src/random/seeded-random.ts';
import { openOrtSession } from '../../../src/runtime/onnxruntime-node.ts';
import { runnableModel } from '../../../test/passes/runnable-model.ts';
import { evaluateModel, NotEvaluated, Unspecified } from '../evaluate/evaluate-model.ts';
import { faulty, type Outcome, textOf } from '../outcome.ts';
import { differenceOf } from './difference-of.ts';
import { isStable } from './is-stable.ts';
import { feedOf, randomGraph } from './random-graph.ts';
import { randomPasses } from './random-passes.ts';
import { oneIn, pick } from './random-values.ts';

export interface CheckGraphOptions {
  /** One in so many graphs is run in ONNX Runtime beside the source; 0 for none. */
  readonly runtimeEvery: number;
}

/**
 * Sends a random valid graph through random passes or the default pipeline, verified after each, and compares its
 * outputs with the source's for two sizes of the open dimensions; some are printed and parsed, some run in ONNX Runtime.
 */
export async function checkGraph(seed: number, { runtimeEvery }: CheckGraphOptions): Promise<Outcome> {
  const random = seededRandom(seed ^ 0x5bd1e995);
  const made = oneIn(random, 3) ? layered(seed) : typed(seed, random);
  const problems = verify(made.model);
  if (problems.length > 0) throw new Error(`the generator made a graph that does not verify: ${problems[0]?.message}`);
  const source = writeModel(made.model);
  const { steps, standard } = randomPasses(random, true);
  const wrong = (result: string, fault: string): Outcome =>
    faulty('graph', result, `${fault}\n${printPipeline(steps)}`, source);

  const model = readModel(source);
  let optimized: Uint8Array;
  try {
    if (oneIn(random, 16)) {
      const difference = differenceOfModels(model, parseModel(printModel(model)));
      if (difference !== undefined) return wrong('other-text', difference);
    }
    runPipeline(model, steps, { passes: PASSES, onFailure: 'throw' });
    optimized = writeModel(model);
    if (standard && oneIn(random, 8)) {
      const again = readModel(optimized);
      runPipeline(again, steps, { passes: PASSES, onFailure: 'throw' });
      const difference = differenceOfModels(untyped(optimized), untyped(writeModel(again)), { claims: false });
      if (difference !== undefined) return wrong('not-idempotent', difference);
    }
  } catch (error) {
    return wrong(error instanceof ModelpressError ? error.code : 'exception', textOf(error));
  }
  const { feeds } = made;
  const compared = compareEvaluated(readModel(source), readModel(optimized), feeds, random);
  if (compared.difference !== undefined) return wrong('differs', compared.difference);
  if (compared.unstable) return { kind: 'graph', result: 'unstable' };
  if (compared.count === 0 || (runtimeEvery > 0 && oneIn(random, runtimeEvery))) {
    if (runtimeEvery === 0) return { kind: 'graph', result: 'not-compared' };
    const difference = await compareRun(source, optimized, feeds[0]!, random);
    if (difference === 'not-run') return { kind: 'graph', result: compared.count > 0 ? 'agrees' : 'not-compared' };
    if (difference !== undefined) return wrong('differs-in-runtime', difference);
    return { kind: 'graph', result: 'agrees-in-runtime' };
  }
  return { kind: 'graph', result: 'agrees' };
}

/**
 * A model without the types of what bodies take. They may be known from a node that then goes, such as a Reshape that
 * changes nothing, and are lost when that is gone; the nodes must be the same.
 */
function untyped(bytes: Uint8Array): Model {
  const model = readModel(bytes);
  for (const graph of graphsOf(model))
    if (graph !== model.graph) for (const input of graph.inputs) graph.setType(input, undefined);
  return model;
}

/** A graph with data for it. */
interface Source {
  readonly model: Model;
  readonly feeds: readonly ReadonlyMap<string, Tensor>[];
}

/** A graph of layers as the passes look for them, and of what looks like it. */
function layered(seed: number): Source {
  const { model, feed } = runnableModel(seed);
  return { model, feeds: [feed] };
}

/** A graph of any operators and types, with data for the sizes that it was made along, and for others. */
function typed(seed: number, random: Random): Source {
  const { model, inputs, sizes } = randomGraph(seed);
  const others = new Map([...sizes.keys()].map((name) => [name, pick(random, [1, 2, 3, 5])]));
  const feeds = [feedOf(random, inputs, sizes), ...(others.size > 0 ? [feedOf(random, inputs, others)] : [])];
  return { model, feeds };
}

/** Compares what can be computed; feeds that the source refuses are left out, those that only the result refuses differ. */
function compareEvaluated(
  source: Model,
  optimized: Model,
  feeds: readonly ReadonlyMap<string, Tensor>[],
  random: Random,
): { readonly count: number; readonly unstable: boolean; readonly difference?: string } {
  let count = 0;
  let unstable = false;
  for (const feed of feeds) {
    const expected = evaluated(source, feed);
    if (expected instanceof NotEvaluated) continue;
    const actual = evaluated(optimized, feed);
    // What a rewrite makes may be an operator that only the runtime computes.
    if (actual instanceof NotEvaluated) continue;
    count++;
    const difference = differenceOf(expected, actual);
    if (difference === undefined) continue;
    if (isStable(source, feed, expected, random)) return { count, unstable, difference };
    unstable = true;
  }
  return { count, unstable };
}

function evaluated(model: Model, feed: ReadonlyMap<string, Tensor>): ReadonlyMap<string, Tensor> | NotEvaluated {
  try {
    return evaluateModel(model, feed);
  } catch (error) {
    if (error instanceof NotEvaluated) return error;
    throw error;
  }
}

async function compareRun(
  source: Uint8Array,
  optimized: Uint8Array,
  feed: ReadonlyMap<string, Tensor>,
  random: Random,
): Promise<string | undefined> {
  // onnxruntime-node has no such tensors.
  if ([...feed.values()].some(({ dtype }) => dtype === 'bfloat16')) return 'not-run';
  const model = readModel(source);
  const own = evaluated(model, feed);
  // The runtime takes the sizes that it happens to know, which is more of them once types have been proven.
  if (own instanceof Unspecified) return 'not-run';
  const expected = await run(source, feed);
  if (expected instanceof ModelpressError) return 'not-run';
  const actual = await run(optimized, feed);
  if (actual instanceof ModelpressError) return `the source runs, the result does not: ${actual.message}`;
  const off = own instanceof NotEvaluated ? undefined : differenceOf(expected, own);
  const difference = differenceOf(expected, actual) ?? (off === undefined ? undefined : `own evaluation: ${off}`);
  if (difference === undefined || own instanceof NotEvaluated) return difference;
  return isStable(model, feed, own, random) ? difference : undefined;
}

async function run(
  bytes: Uint8Array,
  feed: ReadonlyMap<string, Tensor>,
): Promise<ReadonlyMap<string, Tensor> | ModelpressError> {
  try {
    const session = await openOrtSession(bytes, { optimization: 'disabled' });
    try {
      const known = new Set(session.inputs.map(({ name }) => name));
      const outputs = await session.run(new Map([...feed].filter(([name]) => known.has(name))));
      return new Map([...outputs].flatMap(([name, value]) => ('dtype' in value ? [[name, value] as const] : [])));
    } finally {
      await session.close();
    }
  } catch (error) {
    if (error instanceof ModelpressError) return error;
    throw error;
  }
}
