import {
  DEVICE_ACTIVATIONS,
  DEVICE_PORTS,
  GRAPH_RUNTIMES,
  type OptimizeOptions,
  PREFERENCES,
  QUANTIZATION_MODES,
  SERVER_PROCESSORS,
  TARGET_NAMES,
} from '../compile/optimize-options.ts';
import { type Flag, list, names, number, shapes, sizes, values } from './flag.ts';

/** The flags of the main command, in the order of its help; defaults are the options' own. */
export const OPTIMIZE_FLAGS: readonly Flag<keyof OptimizeOptions>[] = [
  { key: 'output', flags: '-o, --output <folder>', help: 'where to write (default: <model>-optimized)' },
  {
    key: 'quantize',
    flags: '-q, --quantize <mode>',
    choices: QUANTIZATION_MODES,
    help: 'how to store weights and activations',
  },
  {
    key: 'calibrate',
    flags: '--calibrate <data>',
    help: 'inputs to choose activation ranges on: .npz, .npy, .csv, .jsonl, image folder, test_data_set_*',
  },
  { key: 'validate', flags: '--validate <data>', help: 'labelled inputs to measure accuracy on, in the same formats' },
  {
    key: 'calibrationSamples',
    flags: '--calibration-samples <n>',
    parse: number,
    help: 'samples to calibrate on, drawn by the seed (default: 128)',
  },
  {
    key: 'validationSamples',
    flags: '--validation-samples <n>',
    parse: number,
    help: 'samples to validate on (default: all)',
  },
  { key: 'metric', flags: '--metric <name>', help: 'metric to report and gate on (default: from the labels)' },
  { key: 'maxDrop', flags: '--max-drop <budget>', help: 'fail when the metric drops by more, as in 1%' },
  {
    key: 'maxSizeRatio',
    flags: '--max-size-ratio <share>',
    parse: number,
    help: 'fail when the model is larger than this share of the source',
  },
  {
    key: 'minSpeedup',
    flags: '--min-speedup <ratio>',
    parse: number,
    help: 'fail when the model is not this many times as fast',
  },
  { key: 'prune', flags: '--prune <share>', parse: number, help: 'share of weights to set to zero, as in 0.5' },
  {
    key: 'pruneStructure',
    flags: '--prune-structure <form>',
    help: 'unstructured, or N:M as in 2:4 (default: unstructured)',
  },
  {
    key: 'pruneScope',
    flags: '--prune-scope <scope>',
    choices: ['layer', 'global'],
    help: 'rank magnitudes in each layer or over all',
  },
  {
    key: 'pruneExclude',
    flags: '--prune-exclude <patterns>',
    parse: list,
    help: 'nodes not to prune: names or operators, with * and ?, by commas',
  },
  {
    key: 'quantizeExclude',
    flags: '--quantize-exclude <patterns>',
    parse: list,
    help: 'nodes to keep in floating point',
  },
  {
    key: 'observer',
    flags: '--observer <method>',
    choices: ['auto', 'min-max', 'percentile', 'entropy', 'mse'],
    help: 'how ranges are chosen',
  },
  {
    key: 'minSqnr',
    flags: '--min-sqnr <dB>',
    parse: number,
    help: 'signal-to-noise ratio on calibration data below which int8 leaves layers in float32 (default: 20)',
  },
  { key: 'tune', flags: '--no-tune', help: 'keep everything in int8, however far from float32 that is' },
  {
    key: 'prefer',
    flags: '--prefer <aim>',
    choices: PREFERENCES,
    help: 'what counts for layers of which int8 can only store the weights: speed leaves them in float32',
  },
  { key: 'perChannel', flags: '--no-per-channel', help: 'one scale per weight tensor instead of one per channel' },
  {
    key: 'target',
    flags: '--target <names>',
    parse: list,
    help: `artifacts to make, by commas, of ${TARGET_NAMES.join(', ')} (default: all)`,
  },
  {
    key: 'for',
    flags: '--for <runtime>',
    choices: GRAPH_RUNTIMES,
    help: "runtime to shape the graph for; generic: any, in the source's opset (default: ONNX Runtime, or its web build where the browser is a target and the server is not)",
  },
  {
    key: 'processor',
    flags: '--processor <name>',
    choices: SERVER_PROCESSORS,
    help: 'processor of the server that it will run on',
  },
  {
    key: 'deviceActivations',
    flags: '--device-activations <type>',
    choices: DEVICE_ACTIVATIONS,
    help: 'type of activations of model.tflite with --quantize int8',
  },
  {
    key: 'devicePorts',
    flags: '--device-ports <type>',
    choices: DEVICE_PORTS,
    help: 'what inputs and outputs of a quantized model.tflite are',
  },
  { key: 'threads', flags: '--threads <n>', parse: number, help: 'threads to measure with (default: 1)' },
  {
    key: 'latencyBudget',
    flags: '--latency-budget <ms>',
    parse: number,
    help: 'time to spend on measuring latency (default: 2000)',
  },
  {
    key: 'fixShape',
    flags: '--fix-shape <input=sizes>',
    parse: shapes,
    help: 'fix the shape of an input whose sizes are open, as in image=1,3,224,224; may be said several times',
  },
  {
    key: 'fixValue',
    flags: '--fix-value <input=numbers>',
    parse: values,
    help: 'make an input a constant, as in sr=16000; may be said several times',
  },
  { key: 'bind', flags: '--bind <sizes>', parse: sizes, help: 'fix open sizes by their symbol, as in N=1,seq=128' },
  {
    key: 'rename',
    flags: '--rename <old=new>',
    parse: names,
    help: 'give an input or output another name; may be said several times',
  },
  { key: 'dropUnusedInputs', flags: '--drop-unused-inputs', help: 'take inputs away that no output depends on' },
  {
    key: 'freezeOverridable',
    flags: '--freeze-overridable',
    help: 'turn inputs that have a default into constants (quantizing and pruning do)',
  },
  {
    key: 'inlineFunctions',
    flags: '--inline-functions',
    help: "put the bodies of the model's own functions in the place of their calls",
  },
  { key: 'measure', flags: '--no-measure', help: 'do not measure latency and memory' },
  {
    key: 'wholeModelLimit',
    flags: '--whole-model-limit <bytes>',
    parse: number,
    help: 'run models with more weights part by part, without timing them (default: 2 GB)',
  },
  { key: 'check', flags: '--no-check', help: 'do not compare the optimized graph with the source' },
  { key: 'keepNames', flags: '--keep-names', help: 'keep the names inside the model, which take space' },
  { key: 'seed', flags: '--seed <n>', parse: number, help: 'seed of every random choice (default: 0)' },
  { key: 'opset', flags: '--opset <n>', parse: number, help: 'the ai.onnx opset to convert the model to, up or down' },
  { key: 'pipeline', flags: '--pipeline <text>', help: 'passes to run instead of the default ones' },
  { key: 'stopAfter', flags: '--stop-after <n>', parse: number, help: 'stop after this many pass runs' },
  { key: 'name', flags: '--name <name>', help: "the model's name in its artifacts (default: from the file)" },
  {
    key: 'modelVersion',
    flags: '--model-version <n>',
    parse: number,
    help: "the model's version in its artifacts (default: 1)",
  },
];

/** A flag of the main command, for another command that takes the same option. */
export function optimizeFlag(key: keyof OptimizeOptions): Flag {
  const flag = OPTIMIZE_FLAGS.find((one) => one.key === key);
  if (flag === undefined) throw new RangeError(`the main command has no flag for ${key}`);
  return flag;
}
