import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { fail } from '../diagnostics/modelpress-error.ts';

/** Largest options file in bytes: options are a page of text, a larger file is something else. */
const OPTIONS_FILE_LIMIT = 1 << 20;

const perChannel = z.union([z.number(), z.array(z.number()).min(1)]);
const divisor = z.number().refine((value) => value !== 0, 'a divisor cannot be 0');
const layout = z.enum(['NCHW', 'NHWC']);

const inputFields = {
  /** Key of the array, file or column that the input is read from. Default: the one that matches. */
  key: z.string().optional(),
  /** Which column of a two-dimensional array. Default: all. */
  column: z.int().min(0).optional(),
  /** Multiplies every element. Default 1. */
  scale: z.number().optional(),
  /** Subtracted after the scale: one number, or one per channel. Default 0. */
  mean: perChannel.optional(),
  /** Divides after the mean: one number, or one per channel. Default 1. */
  std: z.union([divisor, z.array(divisor).min(1)]).optional(),
  /** Layout of the model's input. Default: from its dimensions. */
  layout: layout.optional(),
  /** Layout of arrays of images. Default: from their dimensions. */
  dataLayout: layout.optional(),
  /** Channel order that the model wants; the data is taken to be RGB. Default RGB. */
  channelOrder: z.enum(['RGB', 'BGR']).optional(),
  /** How images come to the input's size: distorted, cut at the centre, or padded. Image files: default `stretch`. */
  resize: z.enum(['stretch', 'crop', 'fit']).optional(),
  /** Height and width in pixels. Default: from the input's dimensions. */
  size: z.tuple([z.int().positive(), z.int().positive()]).optional(),
  /** With `crop`: the share of the scaled image's sides that the cut keeps, such as 224/256. Default 1. */
  cropFraction: z.number().positive().max(1).optional(),
  /** With `fit`: the grey level, 0 to 255, of what is padded. Default 0. */
  padding: z.int().min(0).max(255).optional(),
  /** How pixels are interpolated. Default `linear`, with antialiasing when scaling down. */
  interpolation: z.enum(['nearest', 'linear', 'cubic', 'lanczos']).optional(),
};

const inputSchema = z.strictObject(inputFields);

const optionsSchema = z.strictObject({
  ...inputFields,
  /** The same per input, for models that have several. */
  inputs: z.record(z.string(), inputSchema).optional(),
  /** Key of the labels: an array, a column, a file beside the data; `false` for none. Default: the one that matches. */
  labels: z.union([z.string(), z.literal(false)]).optional(),
  /** Whether labels are classes or plain numbers. Default: from the labels and the model's outputs. */
  labelKind: z.enum(['class', 'values']).optional(),
  /** The classes in the order of the model's output; a label or sub-folder is looked up in it. */
  classes: z
    .array(z.union([z.string(), z.number()]))
    .min(1)
    .optional(),
  /** The output of the model that the labels are about. Default: found by its shape. */
  output: z.string().optional(),
  /** Added to the labels to get the model's classes: 1 where its class 0 is the background. Default 0. */
  labelOffset: z.int().optional(),
  /** From which score on a model with a single one says class 1: 0 for logits. Default 0.5. */
  threshold: z.number().optional(),
  /** CSV: the feature columns, in order. Default: all that are no label and no input of their own. */
  columns: z.array(z.string()).min(1).optional(),
  /** CSV: whether the first row names the columns; without, they are named 0, 1, 2 and so on. Default true. */
  header: z.boolean().optional(),
  /** CSV: what stands between cells. Default: a comma, a semicolon or a tab, whichever the first row has most of. */
  delimiter: z.string().length(1).optional(),
  /** Makes samples of several rows in a run, beginning at every `stride`-th row (default 1). */
  window: z.strictObject({ length: z.int().positive(), stride: z.int().positive().optional() }).optional(),
  /** Lets NaN and infinities through to the model. Default false. */
  allowNonFinite: z.boolean().optional(),
});

/** What can be said about one input of the model. */
export type InputOptions = z.infer<typeof inputSchema>;

/** How to read a dataset; also the content of the JSON file beside it. */
export type DatasetOptions = z.infer<typeof optionsSchema>;

/**
 * The options of the first JSON file beside one of the paths (`<path>.json`, or `dataset.json` within a folder),
 * overridden by `explicit` ones.
 *
 * @throws ModelpressError `data-options` when either is not as the schema says.
 */
export function resolveOptions(
  paths: readonly string[],
  ...explicit: readonly (DatasetOptions | undefined)[]
): DatasetOptions {
  const beside = paths.map(optionsFile).find((file) => file !== undefined);
  let options = beside === undefined ? {} : readOptionsFile(beside);
  for (const layer of explicit) {
    const over = checked(layer ?? {}, 'options');
    options = { ...options, ...over, ...mergedInputs(options, over) };
  }
  return options;
}

/** Path of the JSON file with the options of the data at `path`, where there is one. */
export function optionsFile(path: string): string | undefined {
  const within = join(path, 'dataset.json');
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory() && existsSync(within)) return within;
  const beside = `${path.replace(/[\\/]+$/, '')}.json`;
  return existsSync(beside) ? beside : undefined;
}

/** The options that hold for one input. Those given without an input's name go to the only numeric input there is. */
export function inputOptions(options: DatasetOptions, input: string, only: boolean): InputOptions {
  const own = options.inputs?.[input] ?? {};
  if (!only) return own;
  const general = Object.fromEntries(Object.keys(inputFields).map((key) => [key, options[key as keyof InputOptions]]));
  return { ...(defined(general) as InputOptions), ...own };
}

/**
 * Checks that options without an input's name are not given for several inputs, and that named inputs exist.
 *
 * @throws ModelpressError `data-options`.
 */
export function checkInputNames(options: DatasetOptions, inputs: readonly string[], several: boolean): void {
  const strangers = Object.keys(options.inputs ?? {}).filter((name) => !inputs.includes(name));
  if (strangers.length > 0) {
    invalid('options', `options for ${strangers.join(', ')}, but the model's inputs are ${inputs.join(', ')}`);
  }
  const general = Object.keys(inputFields).filter((key) => options[key as keyof InputOptions] !== undefined);
  if (several && general.length > 0) {
    invalid('options', `${general.join(', ')} is given for a model with several inputs: ${inputs.join(', ')}`);
  }
}

function mergedInputs(under: DatasetOptions, over: DatasetOptions): Pick<DatasetOptions, 'inputs'> {
  if (under.inputs === undefined || over.inputs === undefined) return {};
  const inputs: Record<string, InputOptions> = { ...under.inputs };
  for (const [name, own] of Object.entries(over.inputs)) inputs[name] = { ...inputs[name], ...own };
  return { inputs };
}

function readOptionsFile(path: string): DatasetOptions {
  if (statSync(path).size > OPTIONS_FILE_LIMIT) {
    return invalid(path, `the file is larger than ${OPTIONS_FILE_LIMIT} bytes`);
  }
  let content: unknown;
  try {
    content = JSON.parse(readFileSync(path, 'utf8'));
  } catch (cause) {
    return invalid(path, `not readable as JSON: ${cause instanceof Error ? cause.message : String(cause)}`, cause);
  }
  return checked(content, path);
}

function checked(value: unknown, at: string): DatasetOptions {
  const result = optionsSchema.safeParse(value);
  if (result.success) return defined(result.data) as DatasetOptions;
  const issues = result.error.issues.map((issue) => `${issue.path.join('.') || 'options'}: ${issue.message}`);
  return invalid(at, issues.join('; '), result.error);
}

/** Options that are present but undefined count as not given, so that they never hide those of the file. */
function defined(options: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
}

function invalid(at: string, message: string, cause?: unknown): never {
  return fail(
    {
      code: 'data-options',
      at,
      message,
      hint: 'Options of a single input stand alone, those of several under inputs.NAME; see DatasetOptions for all.',
    },
    cause,
  );
}
