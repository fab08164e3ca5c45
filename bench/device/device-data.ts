import type { Dataset, Feed } from '../../src/data/dataset.ts';
import { openDataset } from '../../src/data/open-dataset.ts';
import { splitDataset, subsetDataset } from '../../src/data/subset-dataset.ts';
import type { Session } from '../../src/runtime/session.ts';
import { IMAGE_MODELS, PHOTOGRAPHS } from '../zoo/image-models.ts';
import { LABELLED_MODELS, labelledData } from '../zoo/labelled-models.ts';
import { zooTestData } from '../zoo/zoo-folder.ts';

/** Samples to calibrate on at most, and those to judge on: LiteRT's wasm build is several times slower than a phone. */
const CALIBRATED = { labelled: 50, images: 8 };
const JUDGED = { labelled: 300, images: 4 };

/** A labelled set of fewer samples is too small to calibrate on one part and judge on the other. */
const FEWEST_SPLIT = 20;

/** Seed of the split. */
const SEED = 0;

/** The data of one model, in two parts without a common sample where there is enough of it. */
export interface DeviceData {
  /** Where it comes from: the folder of the labelled set, `images`, or `test data`. */
  readonly origin: string;
  readonly calibration: readonly Feed[];
  readonly judged: Dataset;
  readonly labelled: boolean;
  /** Whether the judged samples are those that were calibrated on, because there are no others. */
  readonly same: boolean;
}

/**
 * The data of a zoo model: labelled where there is any, else photographs where it takes them, else its test data. Samples
 * have the shapes of the first one, for which the model is converted.
 */
export async function openDeviceData(model: string, session: Session): Promise<DeviceData> {
  const labelled = LABELLED_MODELS.find((each) => each.model === model);
  if (labelled !== undefined) {
    const dataset = await openDataset(labelledData(labelled), session);
    if (dataset.size >= FEWEST_SPLIT)
      return { ...(await split(dataset, CALIBRATED.labelled, JUDGED.labelled)), origin: labelled.data, labelled: true };
  }
  const image = IMAGE_MODELS.find((each) => each.model === model);
  if (image !== undefined) {
    const dataset = await openDataset({ path: PHOTOGRAPHS, options: image.options }, session);
    return { ...(await split(dataset, CALIBRATED.images, JUDGED.images)), origin: 'images', labelled: false };
  }
  const dataset = await openDataset(zooTestData(model), session);
  const feeds = await feedsOf(dataset);
  const fitting = [...feeds.keys()].filter((index) => shapesOf(feeds[index]!) === shapesOf(feeds[0]!));
  return {
    origin: 'test data',
    calibration: fitting.map((index) => feeds[index]!),
    judged: subsetDataset(dataset, fitting),
    labelled: false,
    same: true,
  };
}

async function split(dataset: Dataset, calibrated: number, judged: number) {
  const calibration = Math.min(calibrated, Math.floor(dataset.size / 2));
  const parts = splitDataset(dataset, { calibration, judged: Math.min(judged, dataset.size - calibration) }, SEED);
  return { calibration: await feedsOf(parts.calibration), judged: parts.judged, same: false };
}

async function feedsOf(dataset: Dataset): Promise<readonly Feed[]> {
  const feeds: Feed[] = [];
  for await (const { feed } of dataset.samples()) feeds.push(feed);
  return feeds;
}

function shapesOf(feed: Feed): string {
  return [...feed].map(([name, { dims }]) => `${name}: ${dims.join()}`).join('; ');
}
