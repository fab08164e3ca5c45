import { z } from 'zod';
import type { GraphToolName } from '../peers/graph-tool.ts';

/** Everything that simplifies graphs and is measured in one run: ourselves first. */
export const SIMPLIFIERS = ['modelpress', 'onnxruntime-basic', 'onnxslim', 'onnxsim', 'onnxscript'] as const satisfies (
  | GraphToolName
  | 'modelpress'
  | 'onnxruntime-basic'
)[];

export type SimplifierName = (typeof SIMPLIFIERS)[number];

/** What one tool made of one model. */
export interface SimplifiedGraph {
  /** Nodes of all graphs and functions, without Constant; absent where the tool failed. */
  readonly nodes?: number;
  /** Of the file that it wrote, weights included. */
  readonly bytes?: number;
  /** From file to file, in a process that has loaded the tool; the time until it failed is not known. */
  readonly seconds?: number;
  /** The same once more, after all models, when the tool's own code is warm; only of tools in this process. */
  readonly warmSeconds?: number;
  /** An exception or a killed process; a result that does not run, has another interface or gives other outputs. */
  readonly fault: string | null;
}

/** What becomes of a model of the zoo. */
export interface GraphRow {
  readonly name: string;
  readonly nodesBefore: number;
  /** Of the model's files, external data included. */
  readonly bytesBefore: number;
  /** By tool; tools that are not installed are absent. */
  readonly tools: Readonly<Partial<Record<SimplifierName, SimplifiedGraph>>>;
  /** Operators that ONNX Runtime's own fusions make of the source and of our graph, by name. */
  readonly fusions: Readonly<Record<string, { readonly before: number; readonly after: number }>>;
  /** What is wrong with our own graph beyond its outputs: see `ownFaults`. */
  readonly faults: readonly string[];
}

const simplifiedSchema = z.object({
  nodes: z.int().optional(),
  bytes: z.int().optional(),
  seconds: z.number().optional(),
  warmSeconds: z.number().optional(),
  fault: z.string().nullable(),
});

/** What totals are made of, as result files hold it. */
export const judgedSchema = z.object({
  nodesBefore: z.int(),
  bytesBefore: z.int(),
  tools: z.partialRecord(z.enum(SIMPLIFIERS), simplifiedSchema),
});

export type JudgedRow = z.infer<typeof judgedSchema>;
