import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { findPython } from '../peers/find-python.ts';
import type { Suite } from '../suite.ts';
import { LABELLED_MODELS, type LabelledModel } from '../zoo/labelled-models.ts';
import { chosenNames, zooMissing } from '../zoo/zoo-folder.ts';
import { measureModel } from './measure-model.ts';
import type { ZooRow } from './quantization-row.ts';
import { renderZooRows } from './quantization-table.ts';
import { brokenLimits } from './row-limits.ts';

/** Real models with labelled data in int8: what accuracy it costs, what size and speed it gains, beside the peer. */
export const zooQuantization: Suite = {
  name: 'zoo-quantization',
  summary:
    'Real models, quantized to int8 at default settings: accuracy on labelled samples that they were not calibrated on, size, speed, and what it costs to make them.',
  async run({ names, work, say }) {
    const missing = zooMissing();
    if (missing !== undefined) return { kind: 'skipped', reason: missing };
    const all = LABELLED_MODELS.map(({ model }) => model);
    const chosen = chosenNames(all, names);
    const python = await findPython();
    if (python.kind === 'missing') say(`without onnxruntime.quantization: ${python.reason}; see MODELPRESS_PYTHON`);
    const rows: ZooRow[] = [];
    for (const labelled of LABELLED_MODELS.filter(({ model }) => chosen.includes(model))) {
      const folder = join(work, labelled.model);
      const start = performance.now();
      const row = await attempt(labelled, python.kind === 'found' ? python.command : undefined, folder);
      rmSync(folder, { recursive: true, force: true });
      rows.push(row);
      say(`${describe(row)} (${((performance.now() - start) / 1000).toFixed(0)} s)`);
    }
    const peer = python.kind === 'found' ? python.versions : null;
    const failed = rows.filter((row) => 'error' in row).map(({ model }) => model);
    return { kind: 'measured', rows, failed, peer, markdown: renderZooRows(rows) };
  },
};

/** A row that fails is reported as such, and the others are measured all the same. */
async function attempt(labelled: LabelledModel, python: string | undefined, folder: string): Promise<ZooRow> {
  try {
    return await measureModel(labelled, python, folder);
  } catch (error) {
    return { model: labelled.model, error: error instanceof Error ? error.message : String(error) };
  }
}

function describe(row: ZooRow): string {
  if ('error' in row) return `${row.model}: ${row.error}`;
  const [target] = row.targets;
  const broken = brokenLimits(row);
  const figures = `drop ${target?.drop.value?.toFixed(4)}, size ${target?.sizeRatio.toFixed(3)}, speed ${row.speedup.value?.toFixed(2)}x`;
  return `${row.model}: ${figures}${broken.length > 0 ? `; ${broken.join('; ')}` : ''}`;
}
