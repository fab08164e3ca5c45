import { parseArgs } from 'node:util';

/**
 * One option of the server: its flag is `--<name>`, its environment variable that of `environmentName`. A flag wins over the environment, the environment over the default.
 *
 * @typedef {{ kind: 'integer', default: number, min: number, max: number, help: string }} IntegerOption
 * @typedef {{ kind: 'choice', default: string, choices: readonly string[], help: string }} ChoiceOption
 * @typedef {{ kind: 'text', default: string, help: string }} TextOption
 * @typedef {IntegerOption | ChoiceOption | TextOption} OptionRow
 */

const DAY_MS = 86_400_000;

/** Every option; `--help`, the README and the checks are made from this table. */
export const OPTIONS = /** @satisfies {Record<string, OptionRow>} */ (
  /** @type {const} */ ({
    host: { kind: 'text', default: '127.0.0.1', help: 'address to listen on; 0.0.0.0 for every interface' },
    port: { kind: 'integer', default: 8501, min: 0, max: 65535, help: 'port to listen on; 0 takes a free one' },
    'log-level': {
      kind: 'choice',
      default: 'info',
      choices: ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'],
      help: 'least severe log line to write',
    },
    format: {
      kind: 'choice',
      default: 'onnx',
      choices: ['onnx', 'ort'],
      help: 'file to load where both are present: model.onnx is fastest, model.ort loads sooner and takes less memory',
    },
    workers: { kind: 'integer', default: 1, min: 1, max: 64, help: 'inference threads; each loads the model' },
    threads: {
      kind: 'integer',
      default: 0,
      min: 0,
      max: 256,
      help: 'threads within an operator, per worker; 0 shares the processors among the workers',
    },
    batching: {
      kind: 'choice',
      default: 'auto',
      choices: ['auto', 'on', 'off'],
      help: 'merge waiting requests into one run: auto where a test at load shows that results do not change',
    },
    'max-batch-size': { kind: 'integer', default: 16, min: 1, max: 65536, help: 'most instances in one merged run' },
    'max-batch-delay-ms': {
      kind: 'integer',
      default: 0,
      min: 0,
      max: 60_000,
      help: 'how long a request may wait for others to join it; 0 merges only what queued up meanwhile',
    },
    'max-body-bytes': {
      kind: 'integer',
      default: 33_554_432,
      min: 1024,
      max: 1_073_741_824,
      help: 'largest request body',
    },
    'max-instances': { kind: 'integer', default: 256, min: 1, max: 1_000_000, help: 'most instances in one request' },
    'max-concurrency': {
      kind: 'integer',
      default: 256,
      min: 1,
      max: 100_000,
      help: 'most predict requests in the server at once, those whose body still arrives included',
    },
    'max-queue': {
      kind: 'integer',
      default: 128,
      min: 1,
      max: 100_000,
      help: 'most predict requests waiting for a worker',
    },
    'request-timeout-ms': {
      kind: 'integer',
      default: 30_000,
      min: 1,
      max: DAY_MS,
      help: 'longest time to receive a request, and longest time from then to its answer',
    },
    'drain-delay-ms': {
      kind: 'integer',
      default: 0,
      min: 0,
      max: DAY_MS,
      help: 'on SIGTERM, keep serving this long while /readyz already says no',
    },
    'shutdown-timeout-ms': {
      kind: 'integer',
      default: 10_000,
      min: 0,
      max: DAY_MS,
      help: 'on SIGTERM, longest wait for requests in flight before they are dropped',
    },
    'versions-dir': {
      kind: 'text',
      default: '',
      help: 'folder of further versions; empty for versions/ beside the server',
    },
    'poll-versions-ms': {
      kind: 'integer',
      default: 0,
      min: 0,
      max: DAY_MS,
      help: 'look for added and removed versions this often; 0 only on SIGHUP',
    },
    'non-finite': {
      kind: 'choice',
      default: 'tokens',
      choices: ['tokens', 'strings'],
      help: 'NaN and Infinity in answers: bare tokens as TensorFlow Serving writes, or JSON strings',
    },
    monitor: {
      kind: 'choice',
      default: 'on',
      choices: ['on', 'off'],
      help: 'statistics of the input data in /metrics',
    },
  })
);

/** @typedef {keyof typeof OPTIONS} OptionName */

/**
 * The options of a run: integers as numbers, choices and texts as strings.
 *
 * @typedef {{ readonly [K in OptionName]: (typeof OPTIONS)[K] extends { kind: 'integer' }
 *   ? number
 *   : (typeof OPTIONS)[K] extends { choices: readonly (infer C)[] } ? C : string }} ServerOptions
 */

/** @type {readonly (readonly [OptionName, OptionRow])[]} */
export const OPTION_ROWS = /** @type {[OptionName, OptionRow][]} */ (Object.entries(OPTIONS));

/** Options whose variables have the names that hosting platforms set. */
const UNPREFIXED = /** @type {readonly string[]} */ (['host', 'port', 'log-level']);

/**
 * The environment variable of an option: `port` is `PORT`, `max-queue` is `MODELPRESS_MAX_QUEUE`.
 *
 * @param {string} name
 */
export function environmentName(name) {
  const variable = name.toUpperCase().replaceAll('-', '_');
  return UNPREFIXED.includes(name) ? variable : `MODELPRESS_${variable}`;
}

/**
 * Reads the options of a run.
 *
 * @param {readonly string[]} argv arguments after the script's name
 * @param {Readonly<Record<string, string | undefined>>} env
 * @returns {{ kind: 'run', options: ServerOptions } | { kind: 'help' } | { kind: 'wrong', message: string }}
 */
export function parseOptions(argv, env) {
  /** @type {Record<string, string | boolean | undefined>} */
  let given;
  try {
    const flags = Object.fromEntries(OPTION_ROWS.map(([name]) => [name, { type: /** @type {const} */ ('string') }]));
    const config = {
      .../** @type {Record<string, { type: 'string' | 'boolean' }>} */ (flags),
      help: { type: /** @type {const} */ ('boolean') },
    };
    given = parseArgs({ args: [...argv], options: config, allowPositionals: false }).values;
  } catch (error) {
    return { kind: 'wrong', message: error instanceof Error ? error.message : String(error) };
  }
  if (given.help === true) return { kind: 'help' };
  /** @type {Record<string, number | string>} */
  const options = {};
  for (const [name, row] of OPTION_ROWS) {
    const flag = given[name];
    const variable = env[environmentName(name)];
    const text = typeof flag === 'string' ? flag : variable === '' ? undefined : variable;
    const from = typeof flag === 'string' ? `--${name}` : environmentName(name);
    const read = readOption(row, text);
    if ('wrong' in read) return { kind: 'wrong', message: `${from} is "${text}", expected ${read.wrong}` };
    options[name] = read.value;
  }
  return { kind: 'run', options: /** @type {ServerOptions} */ (options) };
}

/**
 * @param {OptionRow} row
 * @param {string | undefined} text
 * @returns {{ value: number | string } | { wrong: string }}
 */
function readOption(row, text) {
  if (text === undefined) return { value: row.default };
  switch (row.kind) {
    case 'text':
      return { value: text };
    case 'choice':
      return row.choices.includes(text) ? { value: text } : { wrong: `one of ${row.choices.join(', ')}` };
    case 'integer': {
      const value = Number(text);
      const fits = /^\d+$/.test(text) && value >= row.min && value <= row.max;
      return fits ? { value } : { wrong: `a whole number from ${row.min} to ${row.max}` };
    }
  }
}

/** The text of `--help`. */
export function helpText() {
  const lines = OPTION_ROWS.map(([name, row]) => {
    const values = row.kind === 'choice' ? ` (${row.choices.join('|')})` : '';
    return `  --${name.padEnd(20)} ${row.help}${values} [${row.default === '' ? 'none' : row.default}]`;
  });
  return [
    'Usage: node server.mjs [options]',
    '',
    'Serves the model beside this program over HTTP, in the REST shapes of TensorFlow Serving.',
    'Each option can also be given in the environment: --port as PORT, --host as HOST, --log-level as LOG_LEVEL,',
    'any other with a prefix: --max-queue as MODELPRESS_MAX_QUEUE.',
    '',
    ...lines,
    '',
  ].join('\n');
}
