import { z } from 'zod';
import { MAX_MESSAGE_BYTES } from '../bytes/message-schema.ts';
import { fail } from '../diagnostics/modelpress-error.ts';
import { NEWEST_OPSET, OLDEST_OPSET } from '../ops/opset-adapters/opset-changes.ts';
import { MIN_SQNR_DB } from '../quantize/min-sqnr.ts';

/** How weights and activations are stored. */
export const QUANTIZATION_MODES = ['none', 'int8', 'int8-dynamic', 'int8-weights', 'float16'] as const;

/** What counts where int8 can only have one of the two. */
export const PREFERENCES = ['size', 'speed'] as const;

/** The places an artifact can be made for. */
export const TARGET_NAMES = ['server', 'browser', 'device'] as const;

export type TargetName = (typeof TARGET_NAMES)[number];

/**
 * The runtimes that a graph can be shaped for. `generic` is any that reads ONNX: no pass is left out for the sake of ONNX
 * Runtime's own fusions, and no newer opset is needed than the source's.
 */
export const GRAPH_RUNTIMES = ['onnxruntime', 'onnxruntime-web', 'generic'] as const;

export type GraphRuntime = (typeof GRAPH_RUNTIMES)[number];

/** Processors that the server artifact can be made for; they want different integer types (u8 x s8, or s8 x s8). */
export const SERVER_PROCESSORS = ['x64', 'arm64'] as const;

/** Types that the device artifact can compute with, beside weights of 8 bits, and those it can have at its borders. */
export const DEVICE_ACTIVATIONS = ['int8', 'int16'] as const;
export const DEVICE_PORTS = ['float32', 'quantized'] as const;

const share = z.number().min(0).max(1);
const dataset = z.union([z.string().min(1), z.looseObject({ path: z.string().min(1) })]);

/** Options of a run, as a config file and the library take them; the command line makes its flags from these too. */
export const optimizeOptionsSchema = z.strictObject({
  /** Where to write. Default `<model>-optimized` beside the current folder. */
  output: z.string().min(1).optional(),
  quantize: z.enum(QUANTIZATION_MODES).default('none'),
  /** Processor of the server that the server artifact is for. */
  processor: z.enum(SERVER_PROCESSORS).default('x64'),
  /** Type of activations in the device artifact with `--quantize int8`; `int16` is closer to fp32 and slower. */
  deviceActivations: z.enum(DEVICE_ACTIVATIONS).default('int8'),
  /** What the inputs and outputs of a quantized device artifact are: numbers, or the integers that stand for them. */
  devicePorts: z.enum(DEVICE_PORTS).default('float32'),
  /** How activation ranges are chosen from calibration data. */
  observer: z.enum(['auto', 'min-max', 'percentile', 'entropy', 'mse']).default('auto'),
  perChannel: z.boolean().default(true),
  /** Leave layers in floating point where int8 falls short of `minSqnr`. */
  tune: z.boolean().default(true),
  /** Signal-to-noise ratio of the outputs on calibration data, in decibels, below which layers stay in floating point. */
  minSqnr: z.number().min(0).max(100).default(MIN_SQNR_DB),
  /** Whether weights that the runtime can only store in 8 bits, and dequantizes in every run, are: smaller, not faster. */
  prefer: z.enum(PREFERENCES).default('size'),
  /** Nodes that stay in floating point: names or operators, with * and ?. */
  quantizeExclude: z.array(z.string()).default([]),
  /** Share of the weights to set to zero. */
  prune: share.lt(1).optional(),
  pruneStructure: z.string().default('unstructured'),
  pruneScope: z.enum(['layer', 'global']).default('layer'),
  pruneExclude: z.array(z.string()).default([]),
  /** Data to choose activation ranges on. */
  calibrate: dataset.optional(),
  /** Labelled data to measure accuracy on. */
  validate: dataset.optional(),
  calibrationSamples: z.int().min(1).max(100_000).default(128),
  /** Most samples to validate on; absent: all that there are. */
  validationSamples: z.int().min(1).optional(),
  /** The metric to report and gate on; absent: inferred from the labels. */
  metric: z.string().min(1).optional(),
  /** Largest drop of the metric against fp32 that passes: `1%`, or a share. */
  maxDrop: z.union([z.string().min(1), share]).optional(),
  /** Largest size of the model file, as a share of the source's. */
  maxSizeRatio: z.number().positive().optional(),
  /** Least speed-up against the source model that passes, as a ratio of median latencies. */
  minSpeedup: z.number().positive().optional(),
  /** Artifacts to make, in this order. */
  target: z
    .array(z.enum(TARGET_NAMES))
    .min(1)
    .default([...TARGET_NAMES]),
  /** The runtime that the graph is shaped for; absent: see `runtimeOf`. */
  for: z.enum(GRAPH_RUNTIMES).optional(),
  /** Threads within an operator while measuring. */
  threads: z.int().min(1).max(256).default(1),
  /** Time to spend on measuring latency, in milliseconds. */
  latencyBudget: z.number().min(0).max(600_000).default(2000),
  measure: z.boolean().default(true),
  /**
   * Bytes of weights up to which a model is loaded into the runtime as a whole, which takes up to three times as much
   * memory. A larger one is never held: it is run part by part, and neither timed nor served for trial.
   */
  wholeModelLimit: z.number().min(0).default(MAX_MESSAGE_BYTES),
  /** Keep the names of values and nodes inside the model, their types and doc strings. */
  keepNames: z.boolean().default(false),
  /** Shapes of inputs by name, for inputs whose sizes the model leaves open. */
  fixShape: z.record(z.string(), z.array(z.int().min(0)).readonly()).default({}),
  /** Numbers by name of inputs that become constants; one number stands for all elements. */
  fixValue: z.record(z.string(), z.array(z.number()).min(1).readonly()).default({}),
  /** Sizes of open dimensions by their symbol. */
  bind: z.record(z.string(), z.int().min(0)).default({}),
  /** New names of inputs and outputs by their old ones. */
  rename: z.record(z.string(), z.string().min(1)).default({}),
  /** Take inputs away that no output depends on. */
  dropUnusedInputs: z.boolean().default(false),
  /** Put the bodies of the model's own functions in the place of their calls. */
  inlineFunctions: z.boolean().default(false),
  /** Turn inputs that have a default into constants. */
  freezeOverridable: z.boolean().default(false),
  /** Compare the optimized graph with the source on seeded inputs before going on. */
  check: z.boolean().default(true),
  seed: z.int().min(0).max(0xffffffff).default(0),
  /** The ai.onnx opset of the result; absent: the source's, or a newer one where that makes the graph smaller. */
  opset: z.int().min(OLDEST_OPSET).max(NEWEST_OPSET).optional(),
  /** Passes to run instead of the default ones, as pipeline text. */
  pipeline: z.string().optional(),
  /** Options for single passes: `{ "prune-magnitude": { "minElements": 64 } }`. */
  passOptions: z.record(z.string(), z.record(z.string(), z.unknown())).default({}),
  /** Stop after this many pass runs. */
  stopAfter: z.int().min(0).optional(),
  name: z
    .string()
    .regex(/^[A-Za-z0-9][\w.-]{0,99}$/, 'a name of letters, digits, dot, dash and underscore')
    .optional(),
  modelVersion: z.int().min(1).default(1),
});

/** Options as a caller gives them: everything may be left out. */
export type OptimizeOptions = z.input<typeof optimizeOptionsSchema>;

/** Options with every default filled in. */
export type ResolvedOptions = z.output<typeof optimizeOptionsSchema>;

/** The runtime that a graph is shaped for: the one asked for, else the browser's where only a browser runs the graph. */
export function runtimeOf({ for: asked, target }: Pick<ResolvedOptions, 'for' | 'target'>): GraphRuntime {
  if (asked !== undefined) return asked;
  return target.includes('browser') && !target.includes('server') ? 'onnxruntime-web' : 'onnxruntime';
}

/**
 * Checks options and fills in the defaults.
 *
 * @throws ModelpressError `option-invalid`, naming the option.
 */
export function resolveOptions(options: OptimizeOptions): ResolvedOptions {
  const result = optimizeOptionsSchema.safeParse(options);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  const at = issue === undefined || issue.path.length === 0 ? 'options' : issue.path.join('.');
  const strangers = issue?.code === 'unrecognized_keys' ? issue.keys : [];
  return fail({
    code: 'option-invalid',
    message:
      strangers.length > 0
        ? `there is no option '${[...issue!.path, strangers[0]].join('.')}'`
        : (issue?.message ?? 'not as expected'),
    at,
    hint: 'See `optimize --help` for the options and their values.',
  });
}
