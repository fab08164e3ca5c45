import { z } from 'zod';

/** One run of one tool over the same model and samples. */
export const compileCostRowSchema = z.object({
  tool: z.string(),
  /** From 0; the first of each tool warms caches and is not counted. */
  run: z.int(),
  /** Of the whole process. */
  seconds: z.number(),
  /** Of these, the work: without starting the process and loading packages, and without ending it. */
  workSeconds: z.number(),
  /** Processor time of all threads. */
  cpuSeconds: z.number(),
  peakBytes: z.int(),
  /** Seconds by stage, where the tool tells. */
  stages: z.record(z.string(), z.number()),
});

export type CompileCostRow = z.infer<typeof compileCostRowSchema>;
