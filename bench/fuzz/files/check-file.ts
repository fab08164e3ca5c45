import { PASSES } from '../../../passes/index.ts';
import type { ByteSource } from '../../../src/bytes/byte-source.ts';
import { CLEAN } from '../../../src/compile/presets.ts';
import { fail, ModelpressError } from '../../../src/diagnostics/modelpress-error.ts';
import { printModel } from '../../../src/ir/print.ts';
import { verify } from '../../../src/ir/verify.ts';
import { readModel } from '../../../src/onnx/read-model.ts';
import { writeModel } from '../../../src/onnx/write-model.ts';
import { runPipeline } from '../../../src/pass/run-pipeline.ts';
import { type Random, seededRandom } from '../../../src/random/seeded-random.ts';
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
 * Damages a model file and takes it the whole way: read, verified, typed, printed, optimized, written, read again. It must
 * be refused with a code or come through; anything else is a fault.
 */
export function checkFile(seed: number, corpus: Corpus): Outcome {
  const random = seededRandom(seed);
  const bytes = mutated(random, corpus);
  try {
    const model = readModel(bytes, { external: noData });
    const problems = verify(model);
    if (problems.length > 0) return faulty('file', 'read-broken', problems[0]!.message, bytes);
    printModel(model, { elideAbove: ELIDE_ABOVE });
    runPipeline(model, CLEAN, { passes: PASSES, onFailure: 'throw' });
    const written = writeModel(model);
    if (Buffer.compare(writeModel(readModel(written, { external: noData })), written) !== 0)
      return faulty(
        'file',
        'other-bytes',
        'what was written gives other bytes when it is read and written again',
        bytes,
      );
    return { kind: 'file', result: 'accepted' };
  } catch (error) {
    if (!(error instanceof ModelpressError)) return faulty('file', 'exception', textOf(error), bytes);
    if (FAULTS.test(error.code)) return faulty('file', error.code, `${error.message}\n${textOf(error.cause)}`, bytes);
    return { kind: 'file', result: error.code };
  }
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
