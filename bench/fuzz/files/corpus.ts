import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { writeModel } from '../../../src/onnx/write-model.ts';
import type { Random } from '../../../src/random/seeded-random.ts';
import { randomModel } from '../../../test/ir/random-model.ts';
import { runnableModel } from '../../../test/passes/runnable-model.ts';
import { backendCases } from '../../../test/zoo.ts';
import { PROJECT_ROOT } from '../../project-root.ts';
import { zooMissing, zooModelFile, zooModels } from '../../zoo/zoo-folder.ts';
import { randomGraph } from '../graphs/random-graph.ts';
import { oneIn, pick } from '../graphs/random-values.ts';
import type { Corpus } from './check-file.ts';

/** Files up to this many bytes are drawn often, up to the other rarely: a mutated megabyte is much like another. */
const SMALL_BYTES = 20_000;
const LARGE_BYTES = 600_000;

/** Models made up for the purpose: valid ones, and ones that use everything that the format has. */
export const generated: Corpus = (random) => {
  const seed = random.integer(2 ** 31);
  switch (random.integer(3)) {
    case 0:
      return writeModel(randomModel(seed));
    case 1:
      return writeModel(runnableModel(seed).model);
    default:
      return writeModel(randomGraph(seed).model);
  }
};

/** Generated models, the fixtures, and, where it is there, the zoo with the ONNX backend suite. */
export function wholeCorpus(): Corpus {
  const paths = modelFiles().map((path) => ({ path, size: statSync(path).size }));
  const small = paths.filter(({ size }) => size <= SMALL_BYTES);
  const large = paths.filter(({ size }) => size > SMALL_BYTES && size <= LARGE_BYTES);
  const read = new Map<string, Uint8Array>();
  const bytesOf = (path: string): Uint8Array => {
    const bytes = read.get(path) ?? readFileSync(path);
    read.set(path, bytes);
    return bytes;
  };
  return (random: Random) => {
    if (small.length === 0 || oneIn(random, 3)) return generated(random);
    return bytesOf(pick(random, large.length > 0 && oneIn(random, 250) ? large : small).path);
  };
}

function modelFiles(): readonly string[] {
  const fixtures = join(PROJECT_ROOT, 'fixtures', 'models');
  const own = existsSync(fixtures) ? readdirSync(fixtures).filter((name) => name.endsWith('.onnx')) : [];
  const zoo =
    zooMissing() === undefined
      ? zooModels()
          .map(zooModelFile)
          .filter((path) => existsSync(path))
      : [];
  const suite = backendCases().map(({ folder }) => join(folder, 'model.onnx'));
  return [...own.map((name) => join(fixtures, name)), ...zoo, ...suite].sort();
}
