import { z } from 'zod';
import { PASSES } from '../../passes/index.ts';
import { openModelFile } from '../../src/files/open-model-file.ts';
import { summarizeWeights, tensorsOf } from '../../src/inspect/weight-summary.ts';
import { isFloat } from '../../src/ir/dtype.ts';
import type { Model } from '../../src/ir/model.ts';
import { costOf } from '../../src/ops/cost/cost-of.ts';
import { step } from '../../src/pass/pipeline.ts';
import { runPipeline } from '../../src/pass/run-pipeline.ts';

export const modelKindSchema = z.object({
  /** Of all weights, and of those in floating point: what is stored in 8 bits already does not shrink. */
  weightBytes: z.int(),
  floatWeightBytes: z.int(),
  /** Multiply-accumulates of one sample, as far as shapes are known. */
  macs: z.number(),
  /** Whether convolutions do at least half of its multiply-accumulates. */
  convolutional: z.boolean(),
});

/** What the limits of a model depend on. */
export type ModelKind = z.infer<typeof modelKindSchema>;

const CONVOLUTIONS: ReadonlySet<string> = new Set(['Conv', 'ConvTranspose', 'QLinearConv', 'ConvInteger']);

/** A model with the shapes of its values inferred. */
export async function openTypedModel(path: string): Promise<Model> {
  const model = await openModelFile(path);
  runPipeline(model, [step('infer-shapes')], { passes: PASSES, onFailure: 'undo' });
  return model;
}

/** Weights and cost of the model in a file. */
export async function modelKind(path: string): Promise<ModelKind> {
  const model = await openTypedModel(path);
  let macs = 0;
  let convolutions = 0;
  for (const [node, cost] of costOf(model).macsByNode) {
    macs += cost;
    if (CONVOLUTIONS.has(node.op)) convolutions += cost;
  }
  const tensors = tensorsOf(model);
  const { bytes: weightBytes } = summarizeWeights(tensors);
  const { bytes: floatWeightBytes } = summarizeWeights(tensors.filter(({ tensor }) => isFloat(tensor.dtype)));
  return { weightBytes, floatWeightBytes, macs, convolutional: macs > 0 && convolutions >= macs / 2 };
}
