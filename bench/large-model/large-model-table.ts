import { formatBytes } from '../../src/report/format-figures.ts';
import { type Column, markdownTable } from '../markdown-table.ts';

/** One command on the large model. */
export interface LargeModelRow {
  readonly command: string;
  readonly seconds: number;
  /** Most memory that the process had resident; null where it was killed. */
  readonly peakBytes: number | null;
  /** Bytes of `server/model.onnx` with its external data. */
  readonly sizeBytes: number | null;
  /** Seconds of each stage. */
  readonly stages: Readonly<Record<string, number>>;
  /** Largest difference of an output from the source's, over the largest magnitude; null where there is no result. */
  readonly difference: number | null;
  /** Largest difference that counts as right. */
  readonly tolerance: number;
  readonly error: string;
}

const COLUMNS: readonly Column<LargeModelRow>[] = [
  { heading: 'command', align: 'left', text: ({ command }) => command },
  { heading: 'peak memory', text: ({ peakBytes }) => (peakBytes === null ? '-' : formatBytes(peakBytes)) },
  { heading: 'seconds', text: ({ seconds }) => seconds.toFixed(0) },
  { heading: 'result', text: ({ sizeBytes }) => (sizeBytes === null ? '-' : formatBytes(sizeBytes)) },
  {
    heading: 'difference (allowed)',
    text: ({ difference, tolerance }) => `${difference?.toExponential(1) ?? '-'} (${tolerance})`,
  },
];

/** The rows as Markdown: what each command took, and where its time went. */
export function renderLargeModel(rows: readonly LargeModelRow[]): string {
  const stages = rows.map(({ command, stages, error }) => {
    if (error !== '') return `${command} failed: ${error}`;
    const parts = Object.entries(stages).map(([name, seconds]) => `${name} ${seconds.toFixed(1)}`);
    return `Seconds of ${command} by stage: ${parts.join(', ')}.`;
  });
  return [markdownTable(COLUMNS, rows), ...stages].join('\n\n');
}
