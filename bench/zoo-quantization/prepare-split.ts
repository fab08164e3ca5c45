import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Dataset } from '../../src/data/dataset.ts';
import { writeNpz } from '../../src/data/npz.ts';
import { openDataset } from '../../src/data/open-dataset.ts';
import { splitDataset } from '../../src/data/subset-dataset.ts';
import type { Session } from '../../src/runtime/session.ts';
import { type LabelledModel, labelledData } from '../zoo/labelled-models.ts';
import { stackSamples } from './stack-samples.ts';

/** Samples to calibrate on; of a small dataset half of what there is. */
const CALIBRATION_SAMPLES = 100;

/** Most samples to validate on: the interval of a drop is then under one point for a classifier that is 95% right. */
const VALIDATION_SAMPLES = 2000;

/** Seed of the split. */
const SEED = 0;

/** Labelled data in two parts without a common sample, as archives of what the model takes. */
export interface PreparedSplit {
  readonly calibrationFile: string;
  readonly calibrationSamples: number;
  readonly validationFile: string;
  readonly validation: Dataset;
}

/** Splits a model's data by the seed and writes both parts into a folder. */
export async function prepareSplit(labelled: LabelledModel, session: Session, folder: string): Promise<PreparedSplit> {
  const dataset = await openDataset(labelledData(labelled), session);
  const calibrationSamples = Math.min(CALIBRATION_SAMPLES, Math.floor(dataset.size / 2));
  const rest = Math.min(VALIDATION_SAMPLES, dataset.size - calibrationSamples);
  const parts = splitDataset(dataset, { calibration: calibrationSamples, validation: rest }, SEED);
  const write = async (name: string, part: Dataset, labels: boolean): Promise<string> => {
    const path = join(folder, `${name}.npz`);
    writeFileSync(path, writeNpz(await stackSamples(part, labels)));
    return path;
  };
  return {
    calibrationFile: await write('calibration', parts.calibration, false),
    calibrationSamples,
    validationFile: await write('validation', parts.validation, true),
    validation: parts.validation,
  };
}
