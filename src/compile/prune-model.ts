import { PASSES } from '../../passes/index.ts';
import { chunksSource } from '../bytes/byte-source.ts';
import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import { cloneModel } from '../ir/clone.ts';
import type { Model } from '../ir/model.ts';
import { measureSize } from '../measure/measure-size.ts';
import { encodeModel } from '../onnx/encode-model.ts';
import { type PipelineStep, step } from '../pass/pipeline.ts';
import { type PassRecord, type PipelineOptions, runPipeline } from '../pass/run-pipeline.ts';
import type { Report } from '../report/report-schema.ts';
import type { ResolvedOptions } from './optimize-options.ts';
import { withOptions } from './with-options.ts';

export interface PrunedModel {
  readonly model: Model;
  readonly summary: NonNullable<Report['pruning']>;
  readonly steps: readonly PipelineStep[];
  readonly records: readonly PassRecord[];
  readonly diagnostics: readonly Diagnostic[];
}

/** Prunes a copy of a model by magnitude, and measures what the zeros do to its compressed size. */
export async function pruneModel(
  source: Model,
  options: ResolvedOptions,
  listeners: Pick<PipelineOptions, 'onStart' | 'onRecord'>,
): Promise<PrunedModel> {
  const { model } = cloneModel(source);
  const { prune: sparsity, pruneStructure: structure, pruneScope: scope, pruneExclude: exclude } = options;
  const given = { structure, scope, exclude, ...(sparsity !== undefined && { sparsity }) };
  const steps = [withOptions(step('prune-magnitude', given), options.passOptions)];
  const before = await compressedSize(source);
  const { records, diagnostics } = runPipeline(model, steps, {
    passes: PASSES,
    seed: options.seed,
    onFailure: 'undo',
    ...listeners,
  });
  const counts = records[0]?.counts ?? {};
  return {
    model,
    steps,
    records,
    diagnostics,
    summary: {
      structure,
      requested: sparsity ?? null,
      weights: counts['weights looked at'] ?? 0,
      zeros: counts['weights zero'] ?? 0,
      brotliBefore: before,
      brotliAfter: await compressedSize(model),
    },
  };
}

async function compressedSize(model: Model): Promise<number> {
  const { chunks, data } = encodeModel(model);
  return (await measureSize([chunksSource(model.graph.name, [...chunks, ...(data?.chunks ?? [])])])).brotli;
}
