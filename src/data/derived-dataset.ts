import { createHash } from 'node:crypto';
import type { Dataset, Sample } from './dataset.ts';
import { indexedDataset } from './indexed-dataset.ts';

/**
 * A dataset that is made of places in another, in the order given. Its hash is over the other's hash and the places.
 *
 * @param read the sample at a place.
 */
export function derivedDataset<Place>(
  dataset: Dataset,
  places: readonly Place[],
  read: (place: Place) => Promise<Sample>,
): Dataset {
  const { label, origin, classNames, scoring, notes } = dataset;
  return indexedDataset({
    label,
    origin,
    size: places.length,
    sha256: createHash('sha256').update(dataset.sha256).update(JSON.stringify(places)).digest('hex'),
    notes,
    ...(classNames === undefined ? {} : { classNames }),
    ...(scoring === undefined ? {} : { scoring }),
    read: (at) => read(places[at]!),
  });
}
