// Fuzzes without the other suites: `node dist/bench/fuzz/run-fuzz.js [--iterations N] [--seed S] [--minutes M]`
// `[--folder F]`, or one iteration: `--reproduce SEED`. Leaves fuzz.json and fuzz.md in the folder as it goes.
import { mkdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { driveFuzzing, type FuzzTotals } from './drive-fuzzing.ts';
import { wholeCorpus } from './files/corpus.ts';
import { renderFuzzing } from './fuzz-table.ts';
import { runIteration } from './run-iteration.ts';

const { values } = parseArgs({
  options: {
    iterations: { type: 'string', default: '100000' },
    seed: { type: 'string', default: '0' },
    minutes: { type: 'string', default: 'Infinity' },
    folder: { type: 'string', default: join(tmpdir(), 'modelpress-fuzz') },
    reproduce: { type: 'string' },
  },
});
const { folder } = values;
mkdirSync(folder, { recursive: true });

if (values.reproduce !== undefined) {
  const { model, ...outcome } = await runIteration(Number(values.reproduce), {
    corpus: wholeCorpus(),
    runtimeEvery: 1,
  });
  if (model !== undefined) writeFileSync(join(folder, `${values.reproduce}.onnx`), model);
  console.log(`${outcome.kind}: ${outcome.result}\n${outcome.fault ?? ''}`);
  process.exitCode = outcome.fault === undefined ? 0 : 1;
} else {
  const [iterations, seed, minutes] = [values.iterations, values.seed, values.minutes].map(Number) as [
    number,
    number,
    number,
  ];
  const totals = await driveFuzzing({ iterations, seed, minutes, folder }, save);
  save(totals);
  console.log(renderFuzzing(totals));
  process.exitCode = totals.faults.length === 0 ? 0 : 1;
}

function save(totals: FuzzTotals): void {
  writeFileSync(join(folder, 'fuzz.json'), `${JSON.stringify(totals, null, 2)}\n`);
  writeFileSync(join(folder, 'fuzz.md'), `${renderFuzzing(totals)}\n`);
}
