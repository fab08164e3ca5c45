import type { Port } from '../runtime/session.ts';
import { batchAxis } from './batch-axis.ts';
import type { Dataset, DatasetOrigin, Feed, Sample } from './dataset.ts';
import { derivedDataset } from './derived-dataset.ts';
import { type BatchAxes, splitRows } from './split-rows.ts';

/** What a model of fixed shapes takes. */
export interface FittingOptions {
  /** Shapes by input. */
  readonly shapes: ReadonlyMap<string, readonly number[]>;
  /** Along which axes a feed that is larger may be taken apart; undefined where it may not. */
  readonly axesOf: (feed: Feed) => Promise<BatchAxes | undefined>;
  /** Samples to look for at most, from the first. Default all. */
  readonly limit?: number;
  /** Whether samples of other shapes stay in, for those who take them. Default false. */
  readonly keepOthers?: boolean;
}

/** The samples of a dataset that a model of fixed shapes takes. */
export interface FittingSamples {
  /** May be empty. */
  readonly dataset: Dataset;
  /** Samples that were looked at and have other shapes. */
  readonly unfit: number;
}

/** Origins whose samples have one shape, as rows of an array do. */
const ONE_SHAPE: ReadonlySet<DatasetOrigin> = new Set(['npz', 'npy', 'csv', 'synthetic']);

/**
 * The samples of a dataset that have these shapes, and the rows of those that hold several. Datasets whose samples may
 * differ are gone through once for it, up to `limit`.
 */
export async function fittingDataset(
  dataset: Dataset,
  inputs: readonly Port[],
  options: FittingOptions,
): Promise<FittingSamples> {
  const { limit = Number.POSITIVE_INFINITY, keepOthers = false } = options;
  if (dataset.size > 0 && haveOneShape(dataset, inputs)) {
    const places = await placesOf(await dataset.sample(0), 0, options);
    if (places === undefined ? keepOthers : places[0]?.row === undefined) return { dataset, unfit: 0 };
  }
  const places: Place[] = [];
  let unfit = 0;
  for (let index = 0; index < dataset.size && places.length < limit; index++) {
    const found = await placesOf(await dataset.sample(index), index, options);
    if (found === undefined) unfit++;
    places.push(...(found ?? (keepOthers ? [{ index }] : [])));
  }
  return { dataset: datasetOf(dataset, places, options.axesOf), unfit };
}

/** A sample of a dataset, or a row of one. */
interface Place {
  readonly index: number;
  readonly row?: number;
}

async function placesOf(
  sample: Sample,
  index: number,
  { shapes, axesOf }: FittingOptions,
): Promise<readonly Place[] | undefined> {
  if (fits(sample.feed, shapes)) return [{ index }];
  const axes = await axesOf(sample.feed);
  const rows = axes === undefined ? undefined : splitRows(sample, axes);
  return rows?.every(({ feed }) => fits(feed, shapes)) ? rows.map((_, row) => ({ index, row })) : undefined;
}

function datasetOf(dataset: Dataset, places: readonly Place[], axesOf: FittingOptions['axesOf']): Dataset {
  if (places.length === dataset.size && places.every(({ index, row }, at) => index === at && row === undefined))
    return dataset;
  return derivedDataset(dataset, places, async ({ index, row }) => {
    const sample = await dataset.sample(index);
    return row === undefined ? sample : splitRows(sample, (await axesOf(sample.feed))!)![row]!;
  });
}

function haveOneShape({ origin }: Dataset, inputs: readonly Port[]): boolean {
  if (ONE_SHAPE.has(origin)) return true;
  const fixedRows = inputs.every(({ dims }) =>
    dims.every((dim, axis) => typeof dim === 'number' || axis === batchAxis(dims)),
  );
  return origin === 'images' && fixedRows;
}

function fits(feed: Feed, shapes: FittingOptions['shapes']): boolean {
  return [...feed].every(([input, { dims }]) => dims.join() === shapes.get(input)?.join());
}
