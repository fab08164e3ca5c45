import { type BenchOptions, type BenchResult, benchModels } from '../../compile/bench-models.ts';
import type { TextTable } from '../../report/comparison-table.ts';
import {
  formatBytes,
  formatEstimate,
  formatMilliseconds,
  formatRatio,
  NOT_MEASURED,
} from '../../report/format-figures.ts';
import { renderTextTable } from '../../report/render-terminal.ts';
import type { CommandSpec } from '../define-command.ts';
import { EXIT } from '../exit-code.ts';
import { optimizeFlag } from '../optimize-flags.ts';

/** `bench <models...>`: sizes, latency and memory of models, the first of which the others are compared with. */
export const benchCommand: CommandSpec = {
  name: 'bench',
  description: 'measure the size, latency and peak memory of models, in turn with the first',
  operands: [['<models...>', 'ONNX models with the same inputs and outputs, the reference first']],
  flags: [
    { key: 'data', flags: '--data <data>', help: 'inputs to run on (default: made up from the seed)' },
    ...(['threads', 'latencyBudget', 'seed'] as const).map(optimizeFlag),
  ],
  async run({ operands, given, terminal }) {
    terminal.status(`measuring ${operands.join(', ')}`);
    const result = await benchModels(operands, given as BenchOptions);
    terminal.status(undefined);
    for (const diagnostic of result.diagnostics) terminal.diagnostic(diagnostic);
    return { value: result, text: describe(result), code: result.complete ? EXIT.ok : EXIT.refused };
  },
};

function describe(result: BenchResult): string {
  const { environment, dataset, models } = result;
  const threads = models[0]?.latency?.threads;
  return [
    renderTextTable(benchTable(result)),
    `Intervals are at 95%. ${models[0]?.latency?.runs ?? 0} runs of each in turn on ${dataset.label}${threads === undefined ? '' : `, ${threads} thread${threads === 1 ? '' : 's'}`}; ${environment.cpu}, ${environment.cores} cores, Node ${environment.node}.`,
  ].join('\n');
}

function benchTable({ models }: BenchResult): TextTable {
  return {
    head: ['model', 'size', 'gzip', 'brotli', 'p50', 'p95', 'p99', 'speed-up', 'peak memory'],
    rows: models.map(({ file, size, latency, memory }, i) => [
      file,
      formatBytes(size.raw),
      formatBytes(size.gzip),
      formatBytes(size.brotli),
      ...(['p50', 'p95', 'p99'] as const).map((key) =>
        latency === null ? NOT_MEASURED : formatEstimate(latency[key], formatMilliseconds),
      ),
      latency === null || i === 0 ? NOT_MEASURED : formatEstimate(latency.speedup, formatRatio),
      memory === null ? NOT_MEASURED : `+${formatBytes(memory.peak)}`,
    ]),
  };
}
