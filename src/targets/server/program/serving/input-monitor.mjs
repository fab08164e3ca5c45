import { Gauge } from 'prom-client';
import { decodeHalf } from './half-float.mjs';

/** @import { Registry } from 'prom-client' */
/** @import { HostTensor } from './element-types.mjs' */
/** @import { LoadedModel } from './model-versions.mjs' */
/** @import { Feed } from './predict-message.mjs' */

/** Elements looked at per tensor and request: keeps the cost far below that of reading the request's JSON. */
const SAMPLE = 1024;

/** Weight of one request in the recent figures, which so look back over about 100 requests. */
const RECENT = 0.02;

/**
 * Running statistics of one input of one version.
 *
 * @typedef {{ version: number, input: string, range: { readonly min: number, readonly max: number } | undefined, values: number,
 *   sum: number, min: number, max: number, outside: number, notFinite: number, recentMean: number,
 *   recentOutside: number }} InputStatistics
 */

/** @type {readonly [string, string, (s: InputStatistics) => number | undefined][]} */
const GAUGES = [
  ['values', 'Elements looked at since the start', (s) => s.values],
  ['sum', 'Sum of the finite elements looked at', (s) => s.sum],
  ['mean', 'Mean since the start', (s) => (s.values > s.notFinite ? s.sum / (s.values - s.notFinite) : undefined)],
  ['min', 'Least element since the start', (s) => (Number.isFinite(s.min) ? s.min : undefined)],
  ['max', 'Greatest element since the start', (s) => (Number.isFinite(s.max) ? s.max : undefined)],
  ['not_finite', 'Elements that were NaN or infinite', (s) => s.notFinite],
  ['recent_mean', 'Mean of about the last 100 requests', (s) => s.recentMean],
  ['calibration_min', 'Least element of the calibration data', (s) => s.range?.min],
  ['calibration_max', 'Greatest element of the calibration data', (s) => s.range?.max],
  ['outside', 'Elements outside of the calibration range', (s) => (s.range ? s.outside : undefined)],
  [
    'outside_ratio',
    'Share of elements outside of the calibration range in about the last 100 requests: what to watch for drift',
    (s) => (s.range ? s.recentOutside : undefined),
  ],
];

/**
 * Watches what the model is asked about: figures per input, and how much of it lies outside of the range that the model
 * was calibrated on. Costs up to 1024 elements per tensor, spread evenly over it.
 *
 * @param {Registry} registry
 * @returns {{ observe: (model: LoadedModel, feed: Feed) => void }}
 */
export function createInputMonitor(registry) {
  /** @type {Map<string, InputStatistics>} */
  const statistics = new Map();
  for (const [name, help, read] of GAUGES) {
    new Gauge({
      name: `modelpress_input_${name}`,
      help,
      labelNames: ['version', 'input'],
      registers: [registry],
      collect() {
        this.reset();
        for (const row of statistics.values()) {
          const value = read(row);
          if (value !== undefined) this.set({ version: row.version, input: row.input }, value);
        }
      },
    });
  }
  return {
    observe: ({ version, manifest }, feed) => {
      for (const [input, tensor] of feed) {
        if (tensor.dtype === 'string' || tensor.dtype === 'bool' || tensor.data.length === 0) continue;
        const key = `${version} ${input}`;
        const range = manifest?.inputRanges?.[input];
        const row = statistics.get(key) ?? emptyStatistics(version, input, range);
        statistics.set(key, row);
        add(row, tensor);
      }
    },
  };
}

/**
 * @param {number} version
 * @param {string} input
 * @param {{ readonly min: number, readonly max: number } | undefined} range
 * @returns {InputStatistics}
 */
function emptyStatistics(version, input, range) {
  const [min, max] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  const zeros = { values: 0, sum: 0, outside: 0, notFinite: 0, recentMean: 0, recentOutside: 0 };
  return { version, input, range, min, max, ...zeros };
}

/**
 * @param {InputStatistics} row
 * @param {HostTensor} tensor
 */
function add(row, { dtype, data }) {
  const step = evenStep(data.length);
  let [count, finite, sum, outside] = [0, 0, 0, 0];
  for (let i = 0; i < data.length; i += step) {
    const value = dtype === 'float16' ? decodeHalf(Number(data[i])) : Number(data[i]);
    count += 1;
    if (row.range !== undefined && !(value >= row.range.min && value <= row.range.max)) outside += 1;
    if (!Number.isFinite(value)) continue;
    finite += 1;
    sum += value;
    if (value < row.min) row.min = value;
    if (value > row.max) row.max = value;
  }
  const weight = row.values === 0 ? 1 : RECENT;
  row.recentOutside += weight * (outside / count - row.recentOutside);
  if (finite > 0) row.recentMean += weight * (sum / finite - row.recentMean);
  row.values += count;
  row.sum += sum;
  row.outside += outside;
  row.notFinite += count - finite;
}

/**
 * The step that visits about `SAMPLE` of `length` elements. It shares no factor with the length, so that it meets every
 * channel of interleaved data.
 *
 * @param {number} length
 */
function evenStep(length) {
  let step = Math.ceil(length / SAMPLE);
  while (step > 1 && greatestCommonDivisor(step, length) > 1) step += 1;
  return step;
}

/**
 * @param {number} a
 * @param {number} b
 * @returns {number}
 */
function greatestCommonDivisor(a, b) {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}
