import { z } from 'zod';
import { browserChoiceSchema } from './browser-choice-schema.ts';
import { deviceNeedsSchema } from './device-needs-schema.ts';
import { reportSchema, variantSchema } from './report-schema.ts';

/** Version of the shape of manifest.json; raised when a field changes its meaning or goes. */
export const MANIFEST_VERSION = 1;

const sha256 = z.string().regex(/^[0-9a-f]{64}$/);

/**
 * What `manifest.json` in each artifact folder holds: enough for a program to find, check and feed the model, and for a
 * person to tell how it was made.
 */
export const manifestSchema = z.object({
  manifestVersion: z.literal(MANIFEST_VERSION),
  tool: z.object({ name: z.literal('modelpress'), version: z.string() }),
  target: z.enum(['server', 'browser', 'device']),
  model: z.object({ name: z.string(), version: z.int().min(1) }),
  /** The file to load first; others are alternatives. */
  entry: z.string(),
  /** Every file of the folder but the manifest, relative to it. */
  files: z.array(z.object({ path: z.string(), bytes: z.int().min(0), sha256 })),
  source: z.object({ file: z.string(), sha256 }),
  datasets: reportSchema.shape.datasets,
  inputs: reportSchema.shape.source.shape.inputs,
  outputs: reportSchema.shape.source.shape.outputs,
  /** Range of each float input on the calibration data, for noticing at run time that inputs have drifted from it. */
  inputRanges: z.record(z.string(), z.object({ min: z.number(), max: z.number() })),
  /** Per input, a shape that the model takes. */
  exampleShapes: z.record(z.string(), z.array(z.int().min(0))),
  pipeline: z.string(),
  options: z.record(z.string(), z.unknown()),
  seed: z.int(),
  runtimes: z.record(z.string(), z.string()),
  results: z.array(variantSchema),
  /** Of a browser artifact: the ways to run it, in the order in which its loader tries them. */
  browser: browserChoiceSchema.optional(),
  /** Of a device artifact: what it needs of an interpreter. */
  device: deviceNeedsSchema.optional(),
});

export type Manifest = z.infer<typeof manifestSchema>;
