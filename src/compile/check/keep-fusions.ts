import { PASSES } from '../../../passes/index.ts';
import type { Dataset } from '../../data/dataset.ts';
import { type Diagnostic, note, warning } from '../../diagnostics/diagnostic.ts';
import { cloneModel } from '../../ir/clone.ts';
import type { Model } from '../../ir/model.ts';
import { type FusionCensus, lostFusions, measureFusions } from '../../measure/measure-fusions.ts';
import { type PipelineStep, withoutPasses } from '../../pass/pipeline.ts';
import { runPipeline } from '../../pass/run-pipeline.ts';
import type { Report } from '../../report/report-schema.ts';
import { type CleanedGraph, type CleanGraphOptions, cleanGraph, firstThat } from './clean-graph.ts';

export interface KeepFusionsOptions extends CleanGraphOptions {
  /** Leave out passes that take fusions from ONNX Runtime; without it their loss is only counted. */
  readonly guard: boolean;
}

export interface GuardedGraph extends CleanedGraph {
  /** The fused operators of the source and of the graph; null where they were not counted. */
  readonly fusions: Report['fusions'];
}

/** Guilty passes that are looked for; each takes about ten more counts. */
const MAX_CULPRITS = 2;

/** A graph with what the runtime makes of it. */
interface Counted {
  readonly graph: CleanedGraph;
  readonly census: FusionCensus;
}

/**
 * `cleanGraph`, and a look at what ONNX Runtime still fuses itself. Where that is less than in the source, the pass run
 * that makes the difference is found by bisection, and its pass is left out where the runtime then has fewer nodes to
 * run: where it has not, what the pass made is better than the fusion.
 *
 * Nothing is counted where `check` is off, after `stopAfter`, and where `measureFusions` cannot.
 */
export async function cleanKeepingFusions(
  source: Model,
  steps: readonly PipelineStep[],
  dataset: Dataset,
  options: KeepFusionsOptions,
): Promise<GuardedGraph> {
  const graph = await cleanGraph(source, steps, dataset, options);
  if (!options.check || options.stopAfter !== undefined) return { ...graph, fusions: null };
  const before = await measureFusions(source, options.workFile);
  const census = before && (await measureFusions(graph.model, options.workFile));
  if (before === null || census === null) return { ...graph, fusions: null };
  const diagnostics: Diagnostic[] = [];
  let best: Counted = { graph, census };
  let worthIt: GuiltyPass | undefined;
  for (let tries = 0; options.guard && tries < MAX_CULPRITS && hasLost(before, best.census); tries++) {
    const guilty = await guiltyPass(source, before, best, options);
    const other = await cleanedWithout(guilty.name, source, best.graph.steps, dataset, options);
    if (other === undefined || !isBetter(other.census, best.census, before)) {
      worthIt = guilty;
      break;
    }
    diagnostics.push(skippedPass(guilty, best.census, other.census));
    best = other;
  }
  if (hasLost(before, best.census))
    diagnostics.push(fusionLost(before, best.census, options.guard ? worthIt : 'not looked for'));
  return {
    ...best.graph,
    diagnostics: [...best.graph.diagnostics, ...diagnostics],
    fusions: {
      before: { ...before.operators },
      after: { ...best.census.operators },
      lost: lostFusions(before, best.census),
    },
  };
}

/** A run of a pass after which the runtime fuses less. */
interface GuiltyPass {
  readonly name: string;
  readonly run: number;
}

/** The first pass run after which the runtime fuses less than in the source. */
async function guiltyPass(
  source: Model,
  before: FusionCensus,
  { graph }: Counted,
  { seed, passes = PASSES, workFile }: KeepFusionsOptions,
): Promise<GuiltyPass> {
  const run = await firstThat(graph.records.length, async (stopAfter) => {
    const { model } = cloneModel(source);
    runPipeline(model, graph.steps, { passes, stopAfter, onFailure: 'undo', ...(seed !== undefined && { seed }) });
    const census = await measureFusions(model, workFile);
    return census !== null && hasLost(before, census);
  });
  return { name: graph.records[run - 1]?.pass ?? '', run };
}

async function cleanedWithout(
  name: string,
  source: Model,
  steps: readonly PipelineStep[],
  dataset: Dataset,
  { onStart: _onStart, onRecord: _onRecord, ...options }: KeepFusionsOptions,
): Promise<Counted | undefined> {
  const graph = await cleanGraph(source, withoutPasses(steps, new Set([name])), dataset, options);
  const census = await measureFusions(graph.model, options.workFile);
  return census === null ? undefined : { graph, census };
}

function isBetter(one: FusionCensus, other: FusionCensus, before: FusionCensus): boolean {
  return one.nodes < other.nodes && sumOf(lostFusions(before, one)) < sumOf(lostFusions(before, other));
}

function skippedPass({ name, run }: GuiltyPass, worse: FusionCensus, better: FusionCensus): Diagnostic {
  return warning({
    code: 'fusion-pass-skipped',
    message: `pass '${name}' (run ${run}) was left out: it took ${listed(lostFusions(better, worse))} from ONNX Runtime, which then had ${worse.nodes} nodes to run instead of ${better.nodes}`,
    at: name,
    hint: 'This is a fault in modelpress. Report it with the model; --for generic keeps the pass.',
  });
}

/** What the graph has lost for good. `cause`: the pass that is worth it, if it was found out and is. */
function fusionLost(
  before: FusionCensus,
  after: FusionCensus,
  cause: GuiltyPass | 'not looked for' | undefined,
): Diagnostic {
  const lost = `ONNX Runtime fuses less of the optimized graph than of the source: ${listed(lostFusions(before, after))} fewer, ${after.nodes} nodes to run instead of ${before.nodes}`;
  const code = 'fusion-lost';
  if (cause === 'not looked for') return note({ code, message: lost });
  if (cause !== undefined) {
    const message = `${lost}; pass '${cause.name}' (run ${cause.run}) stays, because without it there would be no fewer`;
    return note({ code, message, at: cause.name });
  }
  const hint = 'Compare the latencies in the report; where the result is slower, leave the pass out with --pipeline.';
  return warning({ code, message: lost, hint });
}

function listed(lost: Readonly<Record<string, number>>): string {
  return Object.entries(lost)
    .map(([op, count]) => `${count} ${op}`)
    .join(', ');
}

function hasLost(before: FusionCensus, after: FusionCensus): boolean {
  return sumOf(lostFusions(before, after)) > 0;
}

function sumOf(counts: Readonly<Record<string, number>>): number {
  return Object.values(counts).reduce((sum, count) => sum + count, 0);
}
