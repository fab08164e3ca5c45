import { z } from 'zod';
import { estimateSchema } from '../../src/report/report-schema.ts';
import { modelKindSchema } from '../zoo/model-kind.ts';

const share = z.number().nullable();

/** What one int8 model is like beside its source. */
const resultFields = {
  /** On the validation samples. */
  accuracy: estimateSchema,
  /** How much worse than the source on the same samples, with the paired interval. */
  drop: estimateSchema,
  mcnemarP: z.number().nullable(),
  /** Lowest signal-to-quantization-noise ratio of the outputs, in decibels. */
  sqnr: z.number().nullable(),
  /** Bytes over the source's, all files of the model: as they are, and compressed with brotli. */
  sizeRatio: z.number(),
  brotliRatio: z.number(),
  /** Share of multiply-accumulates that ONNX Runtime runs in integer kernels. */
  coverage: share,
};

const targetSchema = z.object({ name: z.string(), target: z.string(), precision: z.string(), ...resultFields });

const costFields = {
  /** Of the whole process. */
  seconds: z.number(),
  peakBytes: z.number().nullable(),
};

const peerSchema = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('done'),
    ...resultFields,
    /** Median latency of the source over this one's; the interval is at 95%. */
    speedup: estimateSchema,
    ...costFields,
    /** What it had to do otherwise. */
    notes: z.array(z.string()),
  }),
  z.object({ kind: z.literal('failed'), failure: z.string() }),
]);

/** One model of the zoo, quantized at default settings. */
export const quantizationRowSchema = z.object({
  model: z.string(),
  data: z.string(),
  calibrationSamples: z.int(),
  validationSamples: z.int(),
  metric: z.string(),
  unit: z.string(),
  source: z.object({
    bytes: z.int(),
    ...modelKindSchema.shape,
    accuracy: estimateSchema,
    /** Median latency in milliseconds. */
    latency: estimateSchema,
  }),
  /** Why nothing was quantized; null where something was. */
  skipped: z.string().nullable(),
  /** The artifacts, in the order of the report. */
  targets: z.array(targetSchema).min(1),
  /** Targets that no artifact could be made or validated for, and why. */
  failedTargets: z.array(z.object({ target: z.string(), error: z.string() })),
  /** Median latency of the source over the server model's. */
  speedup: estimateSchema,
  /** The command as a user runs it, with everything it runs and writes. */
  optimize: z.object(costFields),
  /** Reading, optimizing, calibrating, quantizing and writing alone: what the peer does. */
  quantizeOnly: z.object(costFields),
  /** Codes of the report's warnings. */
  warnings: z.array(z.string()),
  /** Null where the peer is not installed. */
  peer: peerSchema.nullable(),
});

export type QuantizationRow = z.infer<typeof quantizationRowSchema>;
export type PeerResult = NonNullable<QuantizationRow['peer']>;

/** A model that could not be measured, and why. */
export const brokenRowSchema = z.object({ model: z.string(), error: z.string() });

export type BrokenRow = z.infer<typeof brokenRowSchema>;

export const zooRowSchema = z.union([quantizationRowSchema, brokenRowSchema]);

export type ZooRow = z.infer<typeof zooRowSchema>;
