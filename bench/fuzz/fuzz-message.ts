import { z } from 'zod';

/** What a fuzzing process says, a line of JSON each, on its standard output. */
export const fuzzMessageSchema = z.discriminatedUnion('kind', [
  /** It is about to run an iteration. */
  z.object({ kind: z.literal('start'), index: z.int(), seed: z.int() }),
  /** What its iterations came to since it last said so. */
  z.object({
    kind: z.literal('counts'),
    done: z.int(),
    results: z.record(z.string(), z.int()),
    worstMs: z.number(),
    worstSeed: z.int(),
    peakBytes: z.int(),
  }),
  /** A fault; `file` holds the model that shows it. */
  z.object({ kind: z.literal('fault'), seed: z.int(), result: z.string(), text: z.string(), file: z.string() }),
]);

export type FuzzMessage = z.infer<typeof fuzzMessageSchema>;
export type FuzzCounts = Extract<FuzzMessage, { kind: 'counts' }>;
export type FuzzFault = Extract<FuzzMessage, { kind: 'fault' }>;
