import { formatBytes, formatShare } from '../../src/report/format-figures.ts';
import { type Column, markdownTable } from '../markdown-table.ts';
import { brokenSizeAndCoverage } from '../zoo/size-and-coverage-limits.ts';
import type { SweepRow } from './sweep-row.ts';

/** Largest difference, relative to the largest output, that an optimized model may have from its source. */
const MAX_DIFFERENCE = 1e-4;

const NONE = '-';
const ratio = (value: number | null): string => value?.toFixed(3) ?? NONE;
const memory = (value: number | null): string => (value === null ? NONE : formatBytes(value));
const difference = (value: number | null): string =>
  value === null ? NONE : value === 0 ? '0' : value.toExponential(1);

const COLUMNS: readonly Column<SweepRow>[] = [
  { heading: 'model', align: 'left', text: ({ model }) => model },
  { heading: 'exit', text: ({ int8, optimized }) => `${int8.exitCode ?? 'killed'}, ${optimized.exitCode ?? 'killed'}` },
  { heading: 'int8, s', text: ({ int8 }) => int8.seconds.toFixed(1) },
  { heading: 'peak', text: ({ int8 }) => memory(int8.peakBytes) },
  { heading: 'size', text: ({ int8 }) => ratio(int8.sizeRatio) },
  { heading: 'MACs in int8', text: ({ int8 }) => (int8.coverage === null ? NONE : formatShare(int8.coverage, 1)) },
  {
    heading: 'fp32: nodes',
    text: ({ optimized }) => `${optimized.nodesBefore ?? NONE} to ${optimized.nodesAfter ?? NONE}`,
  },
  { heading: 'fp32: size', text: ({ optimized }) => ratio(optimized.sizeRatio) },
  { heading: 'fp32: difference', text: ({ optimized }) => difference(optimized.difference) },
  { heading: 'as served', text: ({ optimized }) => difference(optimized.servedDifference) },
  { heading: 'warnings, or why nothing was quantized', align: 'left', text: ({ int8 }) => remarks(int8) },
];

/** What a row of the sweep must not show; empty where all is well. */
export function sweepFailures({ model, int8, optimized }: SweepRow): readonly string[] {
  const failures: string[] = [];
  for (const [what, run] of [
    ['int8', int8],
    ['optimized', optimized],
  ] as const)
    if (run.exitCode !== 0) failures.push(`${model}: ${what}: exit ${run.exitCode ?? 'killed'}: ${run.error}`);
  if (optimized.difference === null) failures.push(`${model}: not compared: ${optimized.differenceError}`);
  else if (optimized.difference > MAX_DIFFERENCE)
    failures.push(`${model}: the optimized model differs by ${difference(optimized.difference)}`);
  return failures;
}

/** All models as Markdown, and what failed. */
export function renderSweep(rows: readonly SweepRow[]): string {
  const failures = rows.flatMap(sweepFailures).map((text) => `- ${text}`);
  const limits = rows
    .filter(({ int8 }) => int8.exitCode === 0 && int8.skipped === null)
    .flatMap(({ model, source, int8 }) => brokenSizeAndCoverage(source, int8).map((text) => `- ${model}: ${text}`));
  return [
    markdownTable(COLUMNS, rows),
    '## Failures',
    failures.length === 0 ? `None of ${rows.length} models.` : failures.join('\n'),
    '## Limits not kept',
    limits.length === 0 ? `None of ${rows.length} models.` : limits.join('\n'),
  ].join('\n\n');
}

function remarks({ warnings, skipped }: SweepRow['int8']): string {
  const codes = [...new Set(warnings)].filter((code) => !EXPECTED_WARNINGS.has(code));
  return [...(skipped === null ? [] : [skipped]), ...codes].join('; ');
}

/** Every model of the sweep has these, since it is run without data. */
const EXPECTED_WARNINGS: ReadonlySet<string> = new Set(['calibration-synthetic', 'validation-synthetic']);
