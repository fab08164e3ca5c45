import { PASSES } from '../../passes/index.ts';
import type { Dataset } from '../data/dataset.ts';
import { type Diagnostic, warning } from '../diagnostics/diagnostic.ts';
import { saveModelFile } from '../files/save-model-file.ts';
import { cloneModel } from '../ir/clone.ts';
import type { Model } from '../ir/model.ts';
import { type PipelineStep, withoutPasses } from '../pass/pipeline.ts';
import { type PassRecord, type PipelineOptions, runPipeline } from '../pass/run-pipeline.ts';
import { openOrtSession } from '../runtime/onnxruntime-node.ts';
import type { Session } from '../runtime/session.ts';
import { type SelfCheck, selfCheck } from './self-check.ts';

export interface CleanGraphOptions extends Pick<PipelineOptions, 'seed' | 'stopAfter' | 'onStart' | 'onRecord'> {
  /** Compare with the source and take back what breaks it. */
  readonly check: boolean;
  /** The source's own file. */
  readonly sourceFile: string;
  /** Where the graphs that are compared may be written. */
  readonly workFile: string;
}

export interface CleanedGraph {
  readonly model: Model;
  readonly records: readonly PassRecord[];
  readonly diagnostics: readonly Diagnostic[];
}

/** Guilty passes that are looked for before the source graph is taken as it is. */
const MAX_CULPRITS = 3;

/**
 * Runs a pipeline on a copy of `source` and checks the result against it. Where the results differ, the pass run that
 * makes the difference is found by bisection, its pass is left out, and the rest is tried again; the model that comes
 * back always agrees with the source, or could not be checked, which is said.
 */
export async function cleanGraph(
  source: Model,
  steps: readonly PipelineStep[],
  dataset: Dataset,
  options: CleanGraphOptions,
): Promise<CleanedGraph> {
  // Both sides run without the runtime's own rewrites, so that ours alone are compared.
  const sourceSession = await openOrtSession(options.sourceFile, { optimization: 'disabled' });
  try {
    return await cleanAndCheck(source, sourceSession, steps, dataset, options);
  } finally {
    await sourceSession.close();
  }
}

async function cleanAndCheck(
  source: Model,
  sourceSession: Session,
  steps: readonly PipelineStep[],
  dataset: Dataset,
  options: CleanGraphOptions,
): Promise<CleanedGraph> {
  const diagnostics: Diagnostic[] = [];
  const culprits = new Set<string>();
  for (;;) {
    const remaining = withoutPasses(steps, culprits);
    const { stopAfter, seed, onStart, onRecord } = options;
    const quiet = { passes: PASSES, onFailure: 'undo' as const, ...(seed === undefined ? {} : { seed }) };
    const build = (limit: number | undefined, listeners: Pick<PipelineOptions, 'onStart' | 'onRecord'> = {}) => {
      const { model } = cloneModel(source);
      const limited = limit === undefined ? {} : { stopAfter: limit };
      return { model, ...runPipeline(model, remaining, { ...quiet, ...limited, ...listeners }) };
    };
    const listeners = culprits.size > 0 ? {} : { ...(onStart && { onStart }), ...(onRecord && { onRecord }) };
    const result = build(stopAfter, listeners);
    const done = (): CleanedGraph => ({ ...result, diagnostics: [...diagnostics, ...result.diagnostics] });
    if (!options.check) return done();

    const check = await checkModel(result.model, sourceSession, dataset, options.workFile);
    if (check.kind === 'agrees') return done();
    if (check.kind === 'not-possible') {
      diagnostics.push(notChecked(check.reason));
      return done();
    }
    const differs = async (limit: number): Promise<boolean> => {
      const partial = await checkModel(build(limit).model, sourceSession, dataset, options.workFile);
      return partial.kind === 'differs';
    };
    const guilty = culprits.size < MAX_CULPRITS ? await firstThat(result.records.length, differs) : 0;
    if (guilty === 0) {
      diagnostics.push(givenUp(check));
      return { model: cloneModel(source).model, records: [], diagnostics };
    }
    const name = result.records[guilty - 1]?.pass ?? '';
    culprits.add(name);
    diagnostics.push(skippedPass(name, guilty, check));
  }
}

async function checkModel(model: Model, source: Session, dataset: Dataset, workFile: string): Promise<SelfCheck> {
  await saveModelFile(model, workFile);
  let session: Session;
  try {
    session = await openOrtSession(workFile, { optimization: 'disabled' });
  } catch (error) {
    return { kind: 'differs', output: '', detail: error instanceof Error ? error.message : String(error) };
  }
  try {
    return await selfCheck(source, session, dataset);
  } finally {
    await session.close();
  }
}

/** The least n from 1 to `limit` for which `holds`, found by bisection; 0 where it holds for 0 already. */
async function firstThat(limit: number, holds: (n: number) => Promise<boolean>): Promise<number> {
  if (await holds(0)) return 0;
  let good = 0;
  let bad = limit;
  while (bad - good > 1) {
    const middle = Math.floor((good + bad) / 2);
    if (await holds(middle)) bad = middle;
    else good = middle;
  }
  return bad;
}

function notChecked(reason: string): Diagnostic {
  return warning({
    code: 'check-not-possible',
    message: `the optimized graph was not compared with its source, which does not run on the inputs there are: ${reason}`,
    hint: 'Give real inputs with --validate or --calibrate.',
  });
}

function skippedPass(name: string, run: number, check: SelfCheck & { kind: 'differs' }): Diagnostic {
  return warning({
    code: 'check-pass-skipped',
    message: `pass '${name}' (run ${run}) changed the results and was left out: output '${check.output}': ${check.detail}`,
    at: name,
    hint: `This is a fault in modelpress. Report it with the model; --stop-after ${run} gives the graph that differs.`,
  });
}

function givenUp(check: SelfCheck & { kind: 'differs' }): Diagnostic {
  return warning({
    code: 'check-differs',
    message: `the optimized graph differs from its source and was thrown away: output '${check.output}': ${check.detail}`,
    hint: 'This is a fault in modelpress. Report it with the model; the artifacts hold the source graph.',
  });
}
