import type { Dataset } from '../../data/dataset.ts';
import { type Diagnostic, warning } from '../../diagnostics/diagnostic.ts';
import { ModelpressError } from '../../diagnostics/modelpress-error.ts';
import { fileSource } from '../../files/file-source.ts';
import { type LatencyMeasurement, measureLatency } from '../../measure/measure-latency.ts';
import { type MemoryMeasurement, measureMemory } from '../../measure/measure-memory.ts';
import { measureSize, type SizeMeasurement } from '../../measure/measure-size.ts';
import type { Estimate } from '../../measure/quantile.ts';
import type { Session } from '../../runtime/session.ts';
import type { ResolvedOptions } from '../optimize-options.ts';

/** A model in its files: the one to load, and all that belong to it. */
export interface ModelFiles {
  readonly path: string;
  readonly parts: readonly string[];
}

/** What was measured of one model; `null` where it was not, or could not be. */
export interface Measurement {
  readonly size: SizeMeasurement;
  readonly latency: (LatencyMeasurement & { readonly speedup: Estimate }) | null;
  readonly memory: MemoryMeasurement | null;
}

/** Different inputs that latency is measured on in turn, so that no run finds its data in the cache by chance. */
const FEEDS = 4;

/**
 * Measures several models in onnxruntime-node, the first of which is what the others are compared with.
 *
 * @param session of the first model; tells which outputs can be asked for.
 */
export async function measureArtifacts(
  models: readonly ModelFiles[],
  session: Session,
  dataset: Dataset,
  options: Pick<ResolvedOptions, 'measure' | 'threads' | 'latencyBudget' | 'seed'>,
): Promise<{ readonly measurements: readonly Measurement[]; readonly diagnostics: readonly Diagnostic[] }> {
  const diagnostics: Diagnostic[] = [];
  const sizes: SizeMeasurement[] = [];
  for (const model of models) sizes.push(await measureSize(model.parts.map(fileSource)));
  const unmeasured = sizes.map((size) => ({ size, latency: null, memory: null }));
  if (!options.measure) return { measurements: unmeasured, diagnostics };

  const feeds: Awaited<ReturnType<Dataset['sample']>>['feed'][] = [];
  for (let i = 0; i < Math.min(FEEDS, dataset.size); i++) feeds.push((await dataset.sample(i)).feed);
  const outputs = session.outputs.filter((port) => port.dtype !== 'non-tensor').map((port) => port.name);
  const subjects = models.map(({ path }) => ({ path, feeds, outputs }));
  const { threads, seed, latencyBudget: budgetMs } = options;
  const attempt = async <T>(work: () => Promise<T>): Promise<T | null> => {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof ModelpressError)) throw error;
      diagnostics.push(warning(error.diagnostic));
      return null;
    }
  };
  const latency = await attempt(() => measureLatency(subjects, { threads, seed, budgetMs }));
  const measurements: Measurement[] = [];
  for (const [i, subject] of subjects.entries()) {
    const one = latency?.subjects[i];
    const speedup = latency?.speedups[i];
    measurements.push({
      size: sizes[i]!,
      latency: one === undefined || speedup === undefined ? null : { ...one, speedup },
      memory: await attempt(() => measureMemory(subject, { threads })),
    });
  }
  return { measurements, diagnostics };
}
