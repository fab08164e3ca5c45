import { formatBytes } from '../../src/report/format-figures.ts';
import { type Column, markdownTable } from '../markdown-table.ts';
import type { FuzzTotals } from './drive-fuzzing.ts';

const COLUMNS: readonly Column<readonly [string, number]>[] = [
  { heading: 'outcome', align: 'left', text: ([result]) => result },
  { heading: 'iterations', text: ([, count]) => String(count) },
];

/** A run as Markdown: how many iterations, what they came to, and every fault. */
export function renderFuzzing({
  seed,
  done,
  seconds,
  results,
  worstMs,
  worstSeed,
  peakBytes,
  faults,
}: FuzzTotals): string {
  const rate = done === 0 ? '-' : ((1000 * seconds) / done).toFixed(2);
  return [
    `${done} iterations of run seed ${seed} in ${seconds} s, ${rate} ms each; the longest took ${worstMs} ms (seed ${worstSeed}), the largest process ${formatBytes(peakBytes)}.`,
    markdownTable(
      COLUMNS,
      Object.entries(results).sort(([, a], [, b]) => b - a),
    ),
    '## Faults',
    faults.length === 0
      ? 'None.'
      : faults.map(({ seed: one, result, text }) => `- seed ${one}: ${result}: ${text.split('\n')[0]}`).join('\n'),
  ].join('\n\n');
}
