import { batchAxis } from '../data/batch-axis.ts';
import type { Dataset, DatasetOrigin, Feed } from '../data/dataset.ts';
import { findLeakage } from '../data/find-leakage.ts';
import { type DatasetSpec, openDataset } from '../data/open-dataset.ts';
import { sequenceSizes } from '../data/sequence-sizes.ts';
import { takeSamples } from '../data/subset-dataset.ts';
import { type SyntheticHint, synthesizeDataset } from '../data/synthesize-dataset.ts';
import { type Diagnostic, warning } from '../diagnostics/diagnostic.ts';
import { ModelpressError } from '../diagnostics/modelpress-error.ts';
import { isFloat } from '../ir/dtype.ts';
import { toFloat32 } from '../ir/tensor.ts';
import type { Session } from '../runtime/session.ts';
import type { ResolvedOptions } from './optimize-options.ts';
import { affordableRuns, WASM_MACS_PER_SECOND } from './run-work.ts';

/** The data of a run. */
export interface PreparedData {
  readonly calibration: Dataset;
  readonly validation: Dataset;
  /** Whether accuracy can be measured: the validation data was given, not made up. */
  readonly validationGiven: boolean;
  /** Samples that both hold; `null` where they were not compared because one is made up. */
  readonly leaked: number | null;
  readonly diagnostics: readonly Diagnostic[];
}

/** Samples made up when none are given: enough for ranges, few enough that a large model is soon through. */
const SYNTHETIC_SAMPLES = 16;

/** The least number, and the work that more may take: every stage runs them, some of them in wasm and in several forms. */
const FEWEST_SYNTHETIC_SAMPLES = 4;
const SYNTHETIC_WORK = 4 * WASM_MACS_PER_SECOND;

/** The same for a model of several gigabytes, whose weights are read anew for every one. */
const LARGE_MODEL_SAMPLES = 2;

/**
 * Opens the calibration and validation data of a run, makes up what is missing, and looks for samples that both hold.
 *
 * @param large whether the source is run part by part.
 * @param workOf what a run takes, by which fewer samples are made up for a model that takes long. Default: next to nothing.
 * @throws ModelpressError what `openDataset` throws.
 */
export async function prepareData(
  source: Session,
  options: ResolvedOptions,
  large = false,
  workOf: (feed: Feed) => number = () => 0,
): Promise<PreparedData> {
  const ports = { inputs: source.inputs, outputs: source.outputs };
  const open = async (data: NonNullable<ResolvedOptions['calibrate']>): Promise<Dataset> =>
    await openDataset(typeof data === 'string' ? data : readSpec(data), ports);
  const diagnostics: Diagnostic[] = [];
  const given = options.calibrate === undefined ? undefined : await open(options.calibrate);
  const validationData = options.validate === undefined ? undefined : await open(options.validate);
  for (const dataset of [given, validationData]) diagnostics.push(...(dataset?.notes ?? []));

  const needed = given === undefined || validationData === undefined;
  const { hints, sizes } = needed ? await fittingInputs(source, options.seed) : ANY;
  const shaped = given === undefined ? { hints, sizes } : { hints: await withShapesOf(given, source, hints) };
  const makeUp = (seed: number, samples: number): Dataset =>
    synthesizeDataset(source.inputs, { seed, samples, ...shaped });
  const samples = large ? LARGE_MODEL_SAMPLES : needed ? await samplesToMakeUp(makeUp(options.seed, 1), workOf) : 0;
  const synthetic = (seed: number): Dataset => makeUp(seed, samples);
  // Another seed, so that made-up calibration and made-up validation data differ.
  const validation = validationData ?? synthetic(options.seed + 1);
  const calibration =
    given === undefined ? synthetic(options.seed) : takeSamples(given, options.calibrationSamples, options.seed);
  let leaked: number | null = null;
  if (given !== undefined && validationData !== undefined) {
    leaked = (await findLeakage(calibration, validationData)).count;
    if (leaked > 0) diagnostics.push(leakage(leaked, calibration, validationData));
  }
  return { calibration, validation, validationGiven: validationData !== undefined, leaked, diagnostics };
}

async function samplesToMakeUp(one: Dataset, workOf: (feed: Feed) => number): Promise<number> {
  const work = workOf((await one.sample(0)).feed);
  return affordableRuns(SYNTHETIC_WORK, work, FEWEST_SYNTHETIC_SAMPLES, SYNTHETIC_SAMPLES);
}

/** How inputs are made up. */
interface InputPlan {
  readonly hints: Readonly<Record<string, SyntheticHint>>;
  readonly sizes: Readonly<Record<string, number>>;
}

const ANY: InputPlan = { hints: {}, sizes: {} };

/**
 * How to make up inputs that the model can take. Open axes of any size where it then runs, else sizes that belong
 * together; floats of the standard normal distribution where its outputs are then finite, and from 0 to 1, as pixels and
 * probabilities are, where they are not (powers and logarithms of negative numbers).
 */
async function fittingInputs(source: Session, seed: number): Promise<InputPlan> {
  const floats = source.inputs.filter(({ dtype }) => dtype !== 'non-tensor' && isFloat(dtype));
  const unit = Object.fromEntries(floats.map(({ name }) => [name, { range: [0, 1] as const }]));
  for (const sizes of [{}, ...sequenceSizes(source.inputs)]) {
    const outcome = await outcomeOf(source, { hints: {}, sizes }, seed);
    if (outcome === 'fails') continue;
    if (outcome === 'finite') return { hints: {}, sizes };
    return { hints: (await outcomeOf(source, { hints: unit, sizes }, seed)) === 'finite' ? unit : {}, sizes };
  }
  // A model that does not run on made-up inputs at all is told of where that matters.
  return ANY;
}

async function outcomeOf(source: Session, plan: InputPlan, seed: number): Promise<'fails' | 'finite' | 'not finite'> {
  const { feed } = await synthesizeDataset(source.inputs, { seed, samples: 1, ...plan }).sample(0);
  try {
    const outputs = await source.run(feed);
    const finite = [...outputs.values()].every(
      (output) => 'kind' in output || !isFloat(output.dtype) || toFloat32(output).every(Number.isFinite),
    );
    return finite ? 'finite' : 'not finite';
  } catch (error) {
    if (error instanceof ModelpressError) return 'fails';
    throw error;
  }
}

/** Hints that also give open axes the sizes that they have in real data, but for the batch, which is made up as 1. */
async function withShapesOf(
  given: Dataset,
  { inputs }: Session,
  hints: Readonly<Record<string, SyntheticHint>>,
): Promise<Readonly<Record<string, SyntheticHint>>> {
  const { feed } = await given.sample(0);
  const sized = inputs.flatMap(({ name, dims }) => {
    const found = feed.get(name)?.dims;
    if (found === undefined || found.length !== dims.length) return [];
    const batch = batchAxis(dims);
    const own = found.map((size, axis) => (axis === batch && typeof dims[axis] !== 'number' ? 1 : size));
    return [[name, { ...hints[name], dims: own }] as const];
  });
  return { ...hints, ...Object.fromEntries(sized) };
}

/** What to say where a quantized model's ranges come from made-up data. */
export function syntheticCalibrationWarning(): Diagnostic {
  return warning({
    code: 'calibration-synthetic',
    message: 'no calibration data was given: activation ranges come from made-up inputs and may not fit real ones',
    hint: 'Give about 100 real inputs with --calibrate.',
  });
}

/** What to say where there is nothing to measure accuracy on. */
export function syntheticValidationWarning(): Diagnostic {
  return warning({
    code: 'validation-synthetic',
    message: 'no validation data was given: only agreement with the source model on made-up inputs was measured',
    hint: 'Give labelled data with --validate to measure accuracy.',
  });
}

/** A dataset as reports name it. */
export function describeDataset(dataset: Dataset): {
  label: string;
  origin: DatasetOrigin;
  samples: number;
  sha256: string;
} {
  return { label: dataset.label, origin: dataset.origin, samples: dataset.size, sha256: dataset.sha256 };
}

function leakage(count: number, calibration: Dataset, validation: Dataset): Diagnostic {
  return warning({
    code: 'data-leakage',
    message: `${count} of the ${validation.size} validation samples were also calibrated with (${calibration.label})`,
    at: validation.label,
    hint: 'Accuracy on samples that ranges were chosen on is too good. Validate on other samples.',
  });
}

function readSpec({ path, ...options }: { path: string; [key: string]: unknown }): DatasetSpec {
  // The dataset's own schema checks the options.
  return { path, options: options as NonNullable<DatasetSpec['options']> };
}
