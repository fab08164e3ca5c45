import { rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Suite } from '../suite.ts';
import { chosenNames, zooMissing, zooModels } from '../zoo/zoo-folder.ts';
import { sweepModel } from './sweep-model.ts';
import type { SweepRow } from './sweep-row.ts';
import { renderSweep, sweepFailures } from './sweep-table.ts';

/** Every model of the zoo through the command line: does it end, in what time and memory, and is the result right. */
export const sweep: Suite = {
  name: 'sweep',
  summary:
    'Every model of the zoo through the command line without data: exit status, time, memory and size, and how far the optimized fp32 model is from its source.',
  async run({ names, work, say }) {
    const missing = zooMissing();
    if (missing !== undefined) return { kind: 'skipped', reason: missing };
    const rows: SweepRow[] = [];
    for (const name of chosenNames(zooModels(), names)) {
      const folder = join(work, name);
      const row = await sweepModel(name, folder);
      rmSync(folder, { recursive: true, force: true });
      rows.push(row);
      const failures = sweepFailures(row);
      say(`${name}: ${row.int8.seconds.toFixed(1)} s${failures.length > 0 ? `; ${failures.join('; ')}` : ''}`);
    }
    const failed = rows.filter((row) => sweepFailures(row).length > 0).map(({ model }) => model);
    return { kind: 'measured', rows, failed, peer: null, markdown: renderSweep(rows) };
  },
};
