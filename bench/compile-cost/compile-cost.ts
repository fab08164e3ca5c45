import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { writeNpz } from '../../src/data/npz.ts';
import { saveModelFile } from '../../src/files/save-model-file.ts';
import { formatBytes } from '../../src/report/format-figures.ts';
import { findPython } from '../peers/find-python.ts';
import { runPeer } from '../peers/run-peer.ts';
import type { Suite } from '../suite.ts';
import { chosenNames } from '../zoo/zoo-folder.ts';
import type { CompileCostRow } from './compile-cost-row.ts';
import { renderCompileCost } from './compile-cost-table.ts';
import { residualNet, smoothImages } from './residual-net.ts';
import { runQuantizeOnly } from './run-quantize-only.ts';

const SAMPLES = 100;
/** Runs of each tool; the first of each warms caches and is not counted. */
const RUNS = 6;
const SEED = 0;
const TIME_LIMIT_MS = 300_000;

const PEER = 'onnxruntime.quantization';

/** The ways of modelpress that are measured, and how each chooses ranges: as the peer does, and as it does by default. */
const OWN = { 'modelpress, min-max': 'min-max', 'modelpress, default observer': 'auto' } as const;

/** What quantizing a convolutional net costs, beside the peer: whole processes, one of each in turn. */
export const compileCost: Suite = {
  name: 'compile-cost',
  summary: `Time and memory to read, optimize, calibrate on ${SAMPLES} samples, quantize to int8 and write a residual network of 4 MB.`,
  async run({ names, work, say }) {
    const tools = chosenNames([...Object.keys(OWN), PEER], names);
    const model = join(work, 'residual-net.onnx');
    const calibration = join(work, 'calibration.npz');
    await saveModelFile(residualNet(SEED), model);
    writeFileSync(calibration, writeNpz(new Map([['image', smoothImages(SAMPLES, SEED)]])));
    const python = tools.includes(PEER) ? await findPython() : undefined;
    if (python?.kind === 'missing') say(`without ${PEER}: ${python.reason}; see MODELPRESS_PYTHON`);

    const rows: CompileCostRow[] = [];
    const common = { model, calibration, work, timeLimitMs: TIME_LIMIT_MS };
    for (let run = 0; run < RUNS; run++) {
      for (const [tool, observer] of Object.entries(OWN)) {
        if (!tools.includes(tool)) continue;
        const own = await runQuantizeOnly({ ...common, observer, output: join(work, 'own.onnx') });
        const workSeconds = own.stages.reduce((sum, stage) => sum + stage.seconds, 0);
        const stages = Object.fromEntries(own.stages.map((stage) => [stage.name, stage.seconds]));
        rows.push({
          tool,
          run,
          seconds: own.seconds,
          workSeconds,
          cpuSeconds: own.cpuSeconds,
          peakBytes: own.peakBytes,
          stages,
        });
      }
      if (python?.kind === 'found') {
        const job = { ...common, samples: SAMPLES, output: join(work, 'peer.onnx') };
        const peer = await runPeer(python.command, job);
        if (peer.kind === 'failed') throw new Error(`${PEER} failed: ${peer.failure}`);
        const { seconds, workSeconds, cpuSeconds, peakBytes } = peer;
        rows.push({ tool: PEER, run, seconds, workSeconds, cpuSeconds, peakBytes, stages: {} });
      }
      say(
        rows
          .filter((row) => row.run === run)
          .map(describe)
          .join('; '),
      );
    }
    const peer = python?.kind === 'found' ? python.versions : null;
    return { kind: 'measured', rows, failed: [], peer, markdown: renderCompileCost(rows) };
  },
};

function describe({ tool, seconds, peakBytes }: CompileCostRow): string {
  return `${tool} ${seconds.toFixed(2)} s, ${formatBytes(peakBytes)}`;
}
