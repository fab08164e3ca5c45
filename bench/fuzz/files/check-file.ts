import { PASSES } from '../../../passes/index.ts';
import type { ByteSource } from '../../../src/bytes/byte-source.ts';
import { CLEAN } from '../../../src/compile/presets.ts';
import { fail, ModelpressError } from '../../../src/diagnostics/modelpress-error.ts';
import type { Graph } from '../../../src/ir/graph.ts';
import type { Model } from '../../../src/ir/model.ts';
import { printModel } from '../../../src/ir/text/print.ts';
import type { Value } from '../../../src/ir/value.ts';
import { verify } from '../../../src/ir/verify.ts';
import { graphsOf } from '../../../src/ir/walk.ts';
import { readModel } from '../../../src/onnx/read-model.ts';
import { writeModel } from '../../../src/onnx/write-model.ts';
import type { ValueRange } from '../../../src/pass/define-pass.ts';
import { printPipeline } from '../../../src/pass/pipeline.ts';
import { runPipeline } from '../../../src/pass/run-pipeline.ts';
import { type Random, seededRandom } from '../../../src/random/seeded-random.ts';
import { anyPasses } from '../graphs/random-passes.ts';
import { oneIn, pick } from '../graphs/random-values.ts';
import { faulty, type Outcome, textOf } from '../outcome.ts';
import { mutateBytes } from './mutate-bytes.ts';
import { mutateFields } from './mutate-fields.ts';
import { parseWire, printWire } from './wire-tree.ts';

/** Gives the bytes of a model file to start from. */
export type Corpus = (random: Random) => Uint8Array;

/** Refusals that say that a pass, not the file, is at fault. */
const FAULTS = /^(pass-failed|pass-broke-graph|ir-refused)$/;

/** Text of models is cut to lists of this length, as reports print them. */
const ELIDE_ABOVE = 16;

/**
 * Damages a model file and takes it the whole way: read, verified, typed, printed, optimized by the default pipeline or
 * any passes, written, read again. It must be refused with a code or come through; anything else is a fault.
 */
export function checkFile(seed: number, corpus: Corpus): Outcome {
  const random = seededRandom(seed);
  const bytes = mutated(random, corpus);
  const steps = oneIn(random, 2) ? CLEAN : anyPasses(random);
  const wrong = (result: string, fault: string): Outcome =>
    faulty('file', result, steps === CLEAN ? fault : `${fault}\n${printPipeline(steps)}`, bytes);
  try {
    const model = readModel(bytes, { external: noData });
    const problems = verify(model);
    if (problems.length > 0) return wrong('read-broken', problems[0]!.message);
    printModel(model, { elideAbove: ELIDE_ABOVE });
    runPipeline(model, steps, { passes: PASSES, onFailure: 'throw', ranges: rangesIn(model) });
    const written = writeModel(model);
    if (Buffer.compare(writeModel(readModel(written, { external: noData })), written) !== 0)
      return wrong('other-bytes', 'what was written gives other bytes when it is read and written again');
    return { kind: 'file', result: 'accepted' };
  } catch (error) {
    if (!(error instanceof ModelpressError)) return wrong('exception', textOf(error));
    if (FAULTS.test(error.code)) return wrong(error.code, `${error.message}\n${textOf(error.cause)}`);
    return { kind: 'file', result: error.code };
  }
}

/** One range for everything, as if it had been measured. */
function rangesIn(model: Model): ReadonlyMap<Value, ValueRange> {
  const ranges = new Map<Value, ValueRange>();
  for (const graph of graphsOf(model)) for (const value of valuesOf(graph)) ranges.set(value, { min: -4, max: 4 });
  return ranges;
}

function* valuesOf(graph: Graph): Generator<Value> {
  yield* graph.inputs;
  for (const node of graph.nodes()) for (const value of node.outputs) if (value !== undefined) yield value;
}

function mutated(random: Random, corpus: Corpus): Uint8Array {
  const bytes = corpus(random);
  const tree = oneIn(random, 5) ? undefined : parseWire(bytes);
  if (tree === undefined) return mutateBytes(random, bytes);
  const donor = oneIn(random, 4) ? (parseWire(corpus(random)) ?? []) : [];
  mutateFields(random, tree, donor, pick(random, [1, 1, 1, 2, 3, 5]));
  return printWire(tree);
}

/** Files beside the model: there is one, of a megabyte of zeros. */
function noData(location: string): ByteSource {
  if (location !== 'w.bin') {
    fail({
      code: 'onnx-external-data-missing',
      at: location,
      message: `there is no ${location}`,
      hint: 'It is made up.',
    });
  }
  return { label: location, size: 2 ** 20, read: (_, length) => new Uint8Array(length) };
}
