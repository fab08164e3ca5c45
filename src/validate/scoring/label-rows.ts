import { elementCount } from '../../ir/tensor.ts';
import type { PlacedSample } from './label-scoring.ts';
import type { OutputContent, OutputContents } from './output-content.ts';

/** What is scored at once: a sample, or a row of one, with the outputs for it. */
export interface LabelRow {
  readonly placed: PlacedSample;
  readonly outputs: OutputContents;
}

/**
 * A sample with a class for each of its rows, as models of a fixed batch have them, row by row. Outputs with as many rows
 * are taken apart along their first axis, which stays at size 1; others belong to every row. Any other sample is a row.
 */
export function labelRows(placed: PlacedSample, outputs: OutputContents): readonly LabelRow[] {
  const { sample, at } = placed;
  const { label } = sample;
  if (label?.kind !== 'classes') return [{ placed, outputs }];
  const rows = label.indices.length;
  return label.indices.map((index, row) => ({
    placed: { sample: { ...sample, label: { kind: 'class', index } }, at: `${at} row ${row}` },
    outputs: new Map([...outputs].map(([name, content]) => [name, rowOf(content, row, rows)])),
  }));
}

function rowOf(content: OutputContent, row: number, rows: number): OutputContent {
  if (content.dims[0] !== rows) return content;
  const dims = [1, ...content.dims.slice(1)];
  const size = elementCount(dims);
  const from = row * size;
  if (content.nature === 'text') return { ...content, dims, texts: content.texts.slice(from, from + size) };
  return { ...content, dims, values: Array.prototype.slice.call(content.values, from, from + size) };
}
