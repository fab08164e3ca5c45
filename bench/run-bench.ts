// Runs benchmark suites: `npm run bench -- [suite] [row...]`. See README.md in this folder.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { writeResults } from './results-file.ts';
import type { Suite } from './suite.ts';
import { SUITES } from './suites.ts';

/** Exit status of wrong usage, as the command line's own. */
const WRONG_USAGE = 2;
/** Exit status where a row could not be measured, or shows a fault. */
const ROW_FAILED = 1;

async function runSuite(suite: Suite, names: readonly string[]): Promise<void> {
  const work = mkdtempSync(join(tmpdir(), 'modelpress-bench-'));
  const start = performance.now();
  console.error(`${suite.name}: ${suite.summary}`);
  try {
    const outcome = await suite.run({ names, work, say: (line) => console.error(`  ${line}`) });
    if (outcome.kind === 'skipped') {
      console.error(`  skipped: ${outcome.reason}`);
      return;
    }
    const seconds = (performance.now() - start) / 1000;
    const path = writeResults(suite, outcome, { whole: names.length === 0, seconds });
    console.log(outcome.markdown);
    console.error(`  wrote ${path} after ${seconds.toFixed(0)} s`);
    if (outcome.failed.length === 0) return;
    console.error(`  failed: ${outcome.failed.join(', ')}`);
    process.exitCode = ROW_FAILED;
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

const [name, ...names] = process.argv.slice(2);
const chosen = name === undefined ? SUITES : SUITES.filter((suite) => suite.name === name);
if (chosen.length === 0) {
  console.error(`there is no suite ${name}; there are:`);
  for (const suite of SUITES) console.error(`  ${suite.name}: ${suite.summary}`);
  process.exitCode = WRONG_USAGE;
}
for (const suite of chosen) await runSuite(suite, names);
