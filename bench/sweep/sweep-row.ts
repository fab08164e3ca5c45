import { z } from 'zod';
import { modelKindSchema } from '../zoo/model-kind.ts';

const runFields = {
  /** 0 done, 1 a gate failed, 2 refused; null where it was killed. */
  exitCode: z.int().nullable(),
  seconds: z.number(),
  /** Of the process itself. */
  peakBytes: z.number().nullable(),
  /** What it said where it gave no report. */
  error: z.string(),
};

/** One model of the zoo through the command line, twice: to int8, and optimized alone. */
export const sweepRowSchema = z.object({
  model: z.string(),
  source: modelKindSchema,
  int8: z.object({
    ...runFields,
    sizeRatio: z.number().nullable(),
    coverage: z.number().nullable(),
    /** Why nothing was quantized. */
    skipped: z.string().nullable(),
    /** Codes of the warnings. */
    warnings: z.array(z.string()),
  }),
  optimized: z.object({
    ...runFields,
    nodesBefore: z.int().nullable(),
    nodesAfter: z.int().nullable(),
    sizeRatio: z.number().nullable(),
    /**
     * Largest difference from the source's outputs on its own test data, over the output's largest magnitude: without
     * the runtime's own rewrites, and with them, as both are served. Null where either does not run.
     */
    difference: z.number().nullable(),
    servedDifference: z.number().nullable(),
    /** Why there is no difference. */
    differenceError: z.string(),
  }),
});

export type SweepRow = z.infer<typeof sweepRowSchema>;
