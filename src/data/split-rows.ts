import { elementCount, type Tensor } from '../ir/tensor.ts';
import { takeElements } from '../ops/evaluate/index-map.ts';
import type { Feed, Label, Sample } from './dataset.ts';
import { makeSample } from './indexed-dataset.ts';

/** The axes along which a model's inputs and outputs hold one row per sample, by name; those not listed all rows share. */
export interface BatchAxes {
  readonly inputs: ReadonlyMap<string, number>;
  readonly outputs: ReadonlyMap<string, number>;
}

/** How many rows a feed holds along these axes; undefined where its inputs do not have the same number. */
export function rowsIn(feed: Feed, axes: BatchAxes['inputs']): number | undefined {
  const sizes = new Set([...axes].map(([input, axis]) => feed.get(input)?.dims[axis]));
  return sizes.size === 1 ? [...sizes][0] : undefined;
}

/** One row of a feed, which keeps the axis at size 1. */
export function rowOf(feed: Feed, axes: BatchAxes['inputs'], row: number): Feed {
  return new Map([...feed].map(([name, tensor]) => [name, tensorRow(tensor, axes.get(name), row)]));
}

/** A sample's rows as samples, with what its label says of each; undefined where the label is not one per row. */
export function splitRows({ feed, label }: Sample, axes: BatchAxes): readonly Sample[] | undefined {
  const rows = rowsIn(feed, axes.inputs);
  if (rows === undefined) return undefined;
  const labels = label === undefined ? undefined : labelRows(label, axes, rows);
  if (label !== undefined && labels === undefined) return undefined;
  return Array.from({ length: rows }, (_, row) => makeSample(rowOf(feed, axes.inputs, row), labels?.[row]));
}

/** One row of a tensor along an axis; all of it where it has none. */
export function tensorRow(tensor: Tensor, axis: number | undefined, row: number): Tensor {
  if (axis === undefined) return tensor;
  const inner = elementCount(tensor.dims.slice(axis + 1));
  const size = tensor.dims[axis]!;
  const dims = tensor.dims.map((dim, at) => (at === axis ? 1 : dim));
  const positions = Int32Array.from(
    { length: elementCount(dims) },
    (_, at) => (Math.floor(at / inner) * size + row) * inner + (at % inner),
  );
  return takeElements(tensor, positions, dims);
}

function labelRows(label: Label, { outputs: axes }: BatchAxes, rows: number): readonly Label[] | undefined {
  switch (label.kind) {
    case 'class':
      return rows === 1 ? [label] : undefined;
    case 'classes':
      return rows === label.indices.length ? label.indices.map((index) => ({ kind: 'class', index })) : undefined;
    case 'values': {
      const each = label.values.length / rows;
      if (!Number.isInteger(each)) return undefined;
      return Array.from({ length: rows }, (_, row) => ({
        kind: 'values',
        values: label.values.slice(row * each, (row + 1) * each),
      }));
    }
    case 'outputs': {
      const outputs = [...label.outputs];
      if (outputs.some(([name, { dims }]) => axes.has(name) && dims[axes.get(name)!] !== rows)) return undefined;
      return Array.from({ length: rows }, (_, row) => ({
        kind: 'outputs',
        outputs: new Map(outputs.map(([name, tensor]) => [name, tensorRow(tensor, axes.get(name), row)])),
      }));
    }
  }
}
