import { markdownTable } from './markdown-table.ts';
import { describeRun, type Results } from './results-file.ts';
import type { ZooRow } from './zoo-quantization/quantization-row.ts';
import { README_COLUMNS } from './zoo-quantization/quantization-table.ts';

/** The table of the project's README: every model that something was quantized of, those that got worse included. */
export function readmeSection(results: Omit<Results, 'rows'> & { readonly rows: readonly ZooRow[] }): string {
  const measured = results.rows.filter((row) => 'source' in row);
  const quantized = measured.filter(({ skipped }) => skipped === null);
  const untouched = measured.filter(({ skipped }) => skipped !== null).map(({ model }) => model);
  const failed = results.rows.filter((row) => 'error' in row).map(({ model }) => model);
  const legend =
    'Speed is the median latency of fp32 over that of int8, one run of each in turn on one thread; size is int8 over fp32. The peer is `onnxruntime.quantization` on the same samples; a dash is where it fails.';
  return [
    markdownTable(README_COLUMNS, quantized),
    describeRun(results),
    legend,
    ...(untouched.length > 0 ? [`Nothing to quantize, or quantized already: ${untouched.join(', ')}.`] : []),
    ...(failed.length > 0 ? [`Failed: ${failed.join(', ')}.`] : []),
  ].join('\n\n');
}
