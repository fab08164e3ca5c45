import { z } from 'zod';

const bytes = z.int().min(0);

/** The ways to run a model in a browser, with the figures by which one of them was made the default. */
export const browserChoiceSchema = z.object({
  candidates: z
    .array(
      z.object({
        /** The model file to open, relative to the folder. */
        file: z.string(),
        runtime: z.enum(['onnxruntime-web', 'litert', 'tfjs']),
        precision: z.string(),
        /** `file` and its external data. */
        files: z.array(z.string()).min(1),
        /** Entries of the runtime's configuration, by their full keys. */
        config: z.record(z.string(), z.string()),
        /** Inputs that the model takes in other shapes too, but this file only in this one. */
        shapes: z.record(z.string(), z.array(z.int().min(0))),
        /** What a first visit transfers with brotli, in bytes. */
        download: z.object({ model: bytes, runtime: bytes }),
        /** Median milliseconds of one prediction; null where it was not measured. */
        latency: z.number().nullable(),
        /** Seconds by which candidates are ranked; see `rule`. Null where latency was not measured. */
        seconds: z.number().nullable(),
        /** Whether its accuracy allows it to be the default. */
        accurate: z.boolean(),
      }),
    )
    .min(1),
  /** Why the first candidate comes first, as sentences. */
  choice: z.string(),
  /** How candidates are ranked, as sentences. */
  rule: z.string(),
  /** Where latency was measured, `Chromium 156.0.8078.79` or `Node 20.20.2`; null where it was not. */
  measuredIn: z.string().nullable(),
  /** The browser in which the finished artifact was run; null where there was none. */
  provenIn: z.string().nullable(),
});

export type BrowserChoice = z.infer<typeof browserChoiceSchema>;
export type RankedCandidate = BrowserChoice['candidates'][number];
