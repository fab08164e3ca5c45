import { finiteExtent } from './finite-extent.ts';
import type { Observer } from './observer.ts';

/** Keeps the smallest and the largest value over all samples: nothing is clipped, outliers included. */
export function minMaxObserver(label: string): Observer {
  let min = 0;
  let max = 0;
  let seen = false;
  return {
    observe(values) {
      if (values.length === 0) return;
      const extent = finiteExtent(label, values);
      min = seen ? Math.min(min, extent.min) : extent.min;
      max = seen ? Math.max(max, extent.max) : extent.max;
      seen = true;
    },
    range: () => ({ min, max }),
  };
}
