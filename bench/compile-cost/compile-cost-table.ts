import { quantileOfSorted } from '../../src/measure/quantile.ts';
import { formatBytes } from '../../src/report/format-figures.ts';
import { type Column, markdownTable } from '../markdown-table.ts';
import type { CompileCostRow } from './compile-cost-row.ts';

/** The runs of one tool that count. */
interface ToolRuns {
  readonly tool: string;
  readonly runs: readonly CompileCostRow[];
}

const COLUMNS: readonly Column<ToolRuns>[] = [
  { heading: 'tool', align: 'left', text: ({ tool }) => tool },
  { heading: 'runs', text: ({ runs }) => String(runs.length) },
  { heading: 'process, s', text: ({ runs }) => spread(runs.map(({ seconds }) => seconds)) },
  { heading: 'of which work', text: ({ runs }) => spread(runs.map(({ workSeconds }) => workSeconds)) },
  { heading: 'start and end', text: ({ runs }) => spread(runs.map((run) => run.seconds - run.workSeconds)) },
  { heading: 'processor time', text: ({ runs }) => spread(runs.map(({ cpuSeconds }) => cpuSeconds)) },
  {
    heading: 'peak memory',
    text: ({ runs }) =>
      spread(
        runs.map(({ peakBytes }) => peakBytes),
        formatBytes,
      ),
  },
];

/** The runs as Markdown: each tool's median with its least and largest, and where modelpress spends its time. */
export function renderCompileCost(rows: readonly CompileCostRow[]): string {
  const counted = rows.filter(({ run }) => run > 0);
  const tools = [...new Set(counted.map(({ tool }) => tool))].map((tool) => ({
    tool,
    runs: counted.filter((row) => row.tool === tool),
  }));
  const stages = tools.flatMap(({ tool, runs }) => {
    const names = Object.keys(runs[0]?.stages ?? {});
    const parts = names.map((name) => `${name} ${spread(runs.map((run) => run.stages[name] ?? 0))}`);
    return parts.length === 0 ? [] : [`Seconds of ${tool} by stage: ${parts.join(', ')}.`];
  });
  return [
    markdownTable(COLUMNS, tools),
    'Median (least to largest) of whole processes, one of each tool in turn.',
    ...stages,
  ].join('\n\n');
}

function spread(values: readonly number[], format: (value: number) => string = (value) => value.toFixed(2)): string {
  const sorted = values.toSorted((a, b) => a - b);
  return `${format(quantileOfSorted(sorted, 0.5))} (${format(sorted[0]!)} to ${format(sorted.at(-1)!)})`;
}
