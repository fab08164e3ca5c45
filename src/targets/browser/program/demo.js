import { FILES } from './files.js';
import { keepOffline, load } from './modelpress.js';

/** @import { Tensor } from './loader/tensor.js' */

/**
 * The sample beside the page: where each input lies in sample.bin.
 *
 * @typedef {{ readonly inputs: readonly { readonly name: string, readonly type: string, readonly dims: readonly number[],
 *   readonly offset: number, readonly bytes: number, readonly strings?: readonly string[] }[] }} Sample
 */

/** Runs whose median is shown, after as many to warm up: of a slow model as many as fit into the time, but one. */
const RUNS = 20;
const MOST_MS = 2000;

/** Outputs are shown up to this many numbers. */
const SHOWN = 10;

/** The typed arrays in which elements come out of a file. */
const HOLDERS =
  /** @type {Readonly<Record<string, new (bytes: ArrayBuffer) => Exclude<Tensor['data'], string[]>>>} */ ({
    float32: Float32Array,
    float64: Float64Array,
    float16: Uint16Array,
    int8: Int8Array,
    uint8: Uint8Array,
    int16: Int16Array,
    uint16: Uint16Array,
    int32: Int32Array,
    uint32: Uint32Array,
    int64: BigInt64Array,
    uint64: BigUint64Array,
    bool: Uint8Array,
  });

run().then(
  () => show('state', 'done'),
  (error) => {
    show('error', String(error));
    show('state', 'failed');
  },
);

async function run() {
  show('state', 'loading');
  const started = performance.now();
  const model = await load();
  row('Model file', `${model.file} (${model.precision}), ${model.runtime}`);
  row('Loaded in', milliseconds(performance.now() - started));
  for (const failure of model.failures) row(`Not ${failure.file}`, failure.message);
  const feeds = await readSample();
  const repeat = async () => {
    const times = [];
    const end = performance.now() + MOST_MS;
    do {
      const start = performance.now();
      await model.predict(feeds);
      times.push(performance.now() - start);
    } while (times.length < RUNS && performance.now() < end);
    return times.sort((a, b) => a - b);
  };
  const outputs = await model.predict(feeds);
  await repeat();
  const times = await repeat();
  row(`Median of ${times.length} predictions`, milliseconds(times[times.length >> 1] ?? Number.NaN));
  row('Cross-origin isolated (threads)', globalThis.crossOriginIsolated ? 'yes' : 'no');
  for (const [name, { type, dims, data }] of Object.entries(outputs)) {
    const some = /** @type {Iterable<number | bigint | string>} */ (data.slice(0, SHOWN));
    const first = Array.from(some, (value) => (typeof value === 'number' ? short(value) : `${value}`));
    row(`Output ${name}`, `${type}[${dims.join(', ')}] ${first.join('  ')}${data.length > SHOWN ? '  …' : ''}`);
  }
  row('Kept for use without a network', (await keepOffline()) ? 'yes' : 'no');
  model.dispose();
}

async function readSample() {
  const [sample, bytes] = await Promise.all([
    fetch(FILES['sample.json']).then((response) => /** @type {Promise<Sample>} */ (response.json())),
    fetch(FILES['sample.bin']).then((response) => response.arrayBuffer()),
  ]);
  return Object.fromEntries(
    sample.inputs.map(({ name, type, dims, offset, bytes: length, strings }) => {
      const holder = HOLDERS[type];
      const data = strings ? [...strings] : holder && new holder(bytes.slice(offset, offset + length));
      if (data === undefined) throw new TypeError(`input '${name}' is of type ${type}`);
      return [name, { data, dims }];
    }),
  );
}

/** @param {number} value */
function short(value) {
  return Number.isInteger(value) ? `${value}` : value.toPrecision(5);
}

/** @param {number} value */
function milliseconds(value) {
  return `${value.toFixed(value < 10 ? 2 : 0)} ms`;
}

/**
 * @param {string} heading
 * @param {string} text
 */
function row(heading, text) {
  const cells = [document.createElement('th'), document.createElement('td')];
  for (const [i, cell] of cells.entries()) cell.textContent = [heading, text][i] ?? '';
  const line = document.createElement('tr');
  line.append(...cells);
  document.querySelector('#results')?.append(line);
}

/**
 * @param {'state' | 'error'} what
 * @param {string} text
 */
function show(what, text) {
  document.documentElement.dataset[what] = text;
  const element = document.querySelector(`#${what}`);
  if (element !== null) element.textContent = text;
}
