import type { TfGraph } from '../tflite/tf-graph.ts';
import { integerShare } from './integer-share.ts';

/**
 * What calibration may cost over all samples: LiteRT's wasm build does about 3 billion multiply-accumulates a second, and
 * takes about a millisecond for each operator whose result is watched. Half a minute of either.
 */
const MACS = 100e9;
const WATCHED_RESULTS = 30_000;

/** Fewer samples than these say too little about ranges, whatever they cost. */
const FEWEST = 4;

/** How many samples to calibrate a graph on at most. It depends on the graph alone, so that the same model gives the same file. */
export function affordableSamples(graph: TfGraph): number {
  const { macs, operators } = integerShare(graph);
  const most = Math.min(MACS / Math.max(1, macs), WATCHED_RESULTS / Math.max(1, operators));
  return Math.max(FEWEST, Math.floor(most));
}
