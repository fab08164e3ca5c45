import { z } from 'zod';

/** Version of the shape of report.json; raised when a field changes its meaning or goes. */
export const REPORT_VERSION = 1;

const finite = z.number();
const bytes = z.int().min(0);
const sha256 = z.string().regex(/^[0-9a-f]{64}$/);

/** A measured figure and its 95% interval; `null` where there is none. */
export const estimateSchema = z.object({
  value: finite.nullable(),
  low: finite.nullable(),
  high: finite.nullable(),
});

export const diagnosticSchema = z.object({
  code: z.string(),
  severity: z.enum(['error', 'warning', 'note']),
  message: z.string(),
  at: z.string().optional(),
  hint: z.string().optional(),
  notes: z.array(z.string()).optional(),
});

const portSchema = z.object({
  name: z.string(),
  /** Element type, or `non-tensor`. */
  type: z.string(),
  /** A size, a symbol, or null for unknown. */
  shape: z.array(z.union([z.int(), z.string(), z.null()])),
  /** Of an integer input or output that stands for real numbers: real = scale x (integer - zeroPoint). */
  scale: finite.optional(),
  zeroPoint: z.int().optional(),
});

const sourceSchema = z.object({
  name: z.string(),
  file: z.string(),
  sha256,
  /** The model file and its external data. */
  bytes,
  irVersion: z.int(),
  opset: z.record(z.string(), z.int()),
  producer: z.string(),
  nodes: z.int(),
  parameters: z.int(),
  /** Multiply-accumulates of one sample; null where shapes are not known. */
  macs: z.number().nullable(),
  inputs: z.array(portSchema),
  outputs: z.array(portSchema),
});

const datasetSchema = z.object({
  label: z.string(),
  origin: z.string(),
  samples: z.int(),
  sha256,
});

const sizeSchema = z.object({ raw: bytes, gzip: bytes, brotli: bytes, estimated: z.literal(true).optional() });

const latencySchema = z.object({
  /** Milliseconds. */
  p50: estimateSchema,
  p95: estimateSchema,
  p99: estimateSchema,
  runs: z.int(),
  threads: z.int(),
  /** Median of the source over this one's, measured in turn. */
  speedup: estimateSchema,
});

const memorySchema = z.object({ loaded: bytes, peak: bytes });

const metricSchema = z.object({
  metric: z.string(),
  unit: z.string(),
  output: z.string().optional(),
  value: estimateSchema,
});

const accuracySchema = z.object({
  metric: z.string(),
  unit: z.string(),
  higherIsBetter: z.boolean(),
  /** `labels`, or `reference` where only agreement with the source model could be measured. */
  against: z.enum(['labels', 'reference']),
  samples: z.int(),
  value: estimateSchema,
  /** How much worse than the source: positive is a loss. */
  drop: estimateSchema.nullable(),
  /** Exact two-sided p-value of McNemar's test that the two models err equally often. */
  mcnemarP: finite.nullable(),
  /** Signal-to-quantization-noise ratio against the source, lowest of the outputs, in decibels. */
  sqnr: finite.nullable(),
  /** Lowest cosine similarity with the source among the outputs. */
  cosine: finite.nullable(),
  /** Samples on which an output was missing, misshapen or not finite. */
  failures: z.int(),
  /** Every metric against the labels, the deciding one included. */
  metrics: z.array(metricSchema).optional(),
  /** Of a classifier: precision, recall and F1 of each class, and who was taken for whom. */
  classes: z
    .object({ perClass: z.array(z.record(z.string(), z.unknown())), confusion: z.unknown().optional() })
    .optional(),
});

const coverageSchema = z.object({
  /** Share of multiply-accumulates that the runtime runs in integer kernels, 0 to 1. */
  share: finite.nullable(),
  integerMacs: z.number(),
  totalMacs: z.number(),
  /** Layers whose cost is not known because a shape is not; they are in no sum. */
  uncounted: z.int(),
  /** Kernels that the runtime really runs, by operator. */
  integerKernels: z.record(z.string(), z.int()),
  floatKernels: z.record(z.string(), z.int()),
});

/** One row of the table: the source, or one artifact in one runtime. */
export const variantSchema = z.object({
  name: z.string(),
  target: z.enum(['source', 'server', 'browser', 'device']),
  /** File, relative to the output folder; the source's own path for the source. */
  file: z.string(),
  runtime: z.string(),
  /** `float32`, `int8 (u8s8 per channel)` and so on. */
  precision: z.string(),
  size: sizeSchema.nullable(),
  latency: latencySchema.nullable(),
  memory: memorySchema.nullable(),
  accuracy: accuracySchema.nullable(),
  coverage: coverageSchema.nullable(),
});

const passSchema = z.object({
  index: z.int(),
  pass: z.string(),
  milliseconds: finite,
  changed: z.boolean(),
  undone: z.boolean(),
  nodesBefore: z.int(),
  nodesAfter: z.int(),
  bytesBefore: bytes,
  bytesAfter: bytes,
  counts: z.record(z.string(), z.int()),
});

const stageSchema = z.object({ name: z.string(), milliseconds: finite, detail: z.string() });

const gateSchema = z.object({
  name: z.string(),
  verdict: z.enum(['pass', 'fail', 'inconclusive']),
  detail: z.string(),
});

const pruningSchema = z.object({
  structure: z.string(),
  requested: finite.nullable(),
  weights: z.int(),
  zeros: z.int(),
  /** Compressed size of the model before and after the zeros, before any quantization; what they buy. */
  brotliBefore: bytes,
  brotliAfter: bytes,
});

/** What leaving layers in floating point did, or would not have to do, on samples of the calibration data. */
const tuningSchema = z.object({
  /** The budget in decibels, and whether it holds. */
  minSqnrDb: finite,
  met: z.boolean(),
  /** Signal-to-noise ratio of the outputs with everything in int8, and as the model is now. */
  sqnrBefore: finite,
  sqnrAfter: finite,
  /** Layers that stay float for their sensitivity, and all that can be quantized; below, the share of their multiply-accumulates. */
  floatLayers: z.int(),
  layers: z.int(),
  /** Products that are quantized anew in every run instead. */
  dynamicLayers: z.int(),
  floatMacShare: finite,
  /** Samples that whole models were compared on, models that were tried, and samples run through them in all. */
  samples: z.int(),
  models: z.int(),
  runs: z.int(),
});

const quantizationSchema = z.object({
  mode: z.string(),
  scheme: z.string().nullable(),
  observer: z.string().nullable(),
  /** Operators quantized, by name of the operator. */
  quantized: z.record(z.string(), z.int()),
  /** Nodes that stayed in floating point, with the reason. */
  kept: z.array(
    z.object({
      node: z.string(),
      op: z.string(),
      code: z.string(),
      reason: z.string(),
      /** Of a layer that stays float for its sensitivity: what quantizing it alone leaves at the outputs, in decibels. */
      sqnr: finite.optional(),
    }),
  ),
  /** Absent where nothing was compared: other modes, large models, `--no-tune`. */
  tuning: tuningSchema.optional(),
  /** Why nothing was quantized; null where something was. */
  skipped: z.string().nullable(),
});

const countsSchema = z.record(z.string(), z.int().min(0));

/** Operators that ONNX Runtime's own optimizations put in the place of several, by name. */
const fusionsSchema = z.object({
  /** Of the source. */
  before: countsSchema,
  /** Of the optimized graph, not quantized. */
  after: countsSchema,
  /** How many fewer there are; one that does more makes up for one that is gone. */
  lost: countsSchema,
});

const environmentSchema = z.object({
  platform: z.string(),
  arch: z.string(),
  cpu: z.string(),
  cores: z.int(),
  node: z.string(),
  runtimes: z.record(z.string(), z.string()),
});

/** What report.json holds; report.md, report.html, report.junit.xml and the terminal show the same. */
export const reportSchema = z.object({
  reportVersion: z.literal(REPORT_VERSION),
  tool: z.object({ name: z.literal('modelpress'), version: z.string() }),
  environment: environmentSchema,
  source: sourceSchema,
  options: z.record(z.string(), z.unknown()),
  seed: z.int(),
  pipeline: z.string(),
  stages: z.array(stageSchema),
  passes: z.array(passSchema),
  datasets: z.object({ calibration: datasetSchema.nullable(), validation: datasetSchema.nullable() }),
  leakage: z.object({ shared: z.int() }).nullable(),
  /** Null where they were not counted: the check is off, or the model is large or does not load. */
  fusions: fusionsSchema.nullable(),
  pruning: pruningSchema.nullable(),
  quantization: quantizationSchema.nullable(),
  variants: z.array(variantSchema).min(1),
  gates: z.array(gateSchema),
  diagnostics: z.array(diagnosticSchema),
  /** Everything written, relative to the output folder. */
  files: z.array(z.object({ path: z.string(), bytes })),
});

export type Report = z.infer<typeof reportSchema>;
export type Variant = z.infer<typeof variantSchema>;
export type ReportEstimate = z.infer<typeof estimateSchema>;
