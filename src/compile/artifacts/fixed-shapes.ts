import { batchAxis } from '../../data/batch-axis.ts';
import type { Dataset, Feed } from '../../data/dataset.ts';
import { type FittingOptions, type FittingSamples, fittingDataset } from '../../data/fitting-dataset.ts';
import { type BatchAxes, rowOf, rowsIn, tensorRow } from '../../data/split-rows.ts';
import { ModelpressError } from '../../diagnostics/modelpress-error.ts';
import type { OutputValue, Session } from '../../runtime/session.ts';
import { answerDifference } from './compare-answers.ts';

/** The shapes of a model in files that take one shape, and the data that fits them. */
export interface FixedShapes {
  /** By input. */
  readonly shapes: ReadonlyMap<string, readonly number[]>;
  /** The samples of a dataset that have these shapes, and the rows of larger batches. */
  fitting(dataset: Dataset, options?: Pick<FittingOptions, 'limit' | 'keepOthers'>): Promise<FittingSamples>;
}

/** Of the largest value: other kernels may add up a batch in another order. */
const ROWS_AGREE_TO = 1e-4;

/**
 * Fixes the open dimensions of a model's inputs as its first sample has them, but for the batch, which becomes 1 where the
 * model answers to the rows of a batch one by one as it does to all of them.
 */
export async function fixShapes(source: Session, samples: Dataset): Promise<FixedShapes> {
  const { feed } = await samples.sample(0);
  const open = source.inputs.filter(({ dims }) => dims.length > 0 && typeof dims[batchAxis(dims)] !== 'number');
  const inputs = new Map(open.map(({ name, dims }) => [name, batchAxis(dims)]));
  let known: Promise<BatchAxes | undefined> | undefined;
  const axesOf = async (batch: Feed): Promise<BatchAxes | undefined> => {
    const rows = rowsIn(batch, inputs);
    if (rows === undefined || rows < 2) return undefined;
    known ??= findAxes(source, batch, inputs);
    return known;
  };
  const single = (await axesOf(feed)) === undefined ? feed : rowOf(feed, inputs, 0);
  const shapes = new Map([...single].map(([input, { dims }]) => [input, dims]));
  return {
    shapes,
    fitting: (dataset, options = {}) => fittingDataset(dataset, source.inputs, { ...options, shapes, axesOf }),
  };
}

/** The axes of a batch, found by running it and its first and last row; undefined where rows depend on each other. */
async function findAxes(source: Session, batch: Feed, inputs: BatchAxes['inputs']): Promise<BatchAxes | undefined> {
  const rows = rowsIn(batch, inputs)!;
  try {
    const together = await source.run(batch);
    const first = await source.run(rowOf(batch, inputs, 0));
    const outputs = outputAxes(together, first, rows);
    if (outputs === undefined) return undefined;
    const last = await source.run(rowOf(batch, inputs, rows - 1));
    const same = (row: number, alone: ReadonlyMap<string, OutputValue>): boolean =>
      answerDifference(rowOfAnswer(together, outputs, row), alone, ROWS_AGREE_TO) === undefined;
    return same(0, first) && same(rows - 1, last) ? { inputs, outputs } : undefined;
  } catch (error) {
    // A model that does not take rows one by one.
    if (error instanceof ModelpressError) return undefined;
    throw error;
  }
}

/** The axis of each output along which rows lie; undefined where one has the rows' number in no single axis. */
function outputAxes(
  together: ReadonlyMap<string, OutputValue>,
  alone: ReadonlyMap<string, OutputValue>,
  rows: number,
): BatchAxes['outputs'] | undefined {
  const axes = new Map<string, number>();
  for (const [name, whole] of together) {
    const row = alone.get(name);
    if (row === undefined || 'kind' in whole || 'kind' in row || whole.dims.length !== row.dims.length)
      return undefined;
    const differing = whole.dims.flatMap((dim, axis) => (dim === row.dims[axis] ? [] : [axis]));
    const [axis] = differing;
    // What all rows share has to be the same for each of them, which its answers show.
    if (axis === undefined) continue;
    if (differing.length > 1 || whole.dims[axis] !== rows || row.dims[axis] !== 1) return undefined;
    axes.set(name, axis);
  }
  return axes;
}

function rowOfAnswer(
  answer: ReadonlyMap<string, OutputValue>,
  axes: BatchAxes['outputs'],
  row: number,
): ReadonlyMap<string, OutputValue> {
  return new Map(
    [...answer].map(([name, value]) => [name, 'kind' in value ? value : tensorRow(value, axes.get(name), row)]),
  );
}
