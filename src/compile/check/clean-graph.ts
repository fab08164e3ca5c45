import { PASSES } from '../../../passes/index.ts';
import type { Dataset } from '../../data/dataset.ts';
import { counted } from '../../diagnostics/counted.ts';
import { type Diagnostic, note, warning } from '../../diagnostics/diagnostic.ts';
import { saveModelFile } from '../../files/save-model-file.ts';
import { cloneModel } from '../../ir/clone.ts';
import type { Model } from '../../ir/model.ts';
import type { Node } from '../../ir/node.ts';
import { nodesWithin } from '../../ir/walk.ts';
import { isDeterministic } from '../../ops/is-deterministic.ts';
import { schemaOfNode } from '../../ops/schema/schema-of.ts';
import type { AnyPass } from '../../pass/define-pass.ts';
import { type PipelineStep, printPipeline, withoutPasses } from '../../pass/pipeline.ts';
import { type PassRecord, type PipelineOptions, runPipeline } from '../../pass/run-pipeline.ts';
import { openOrtSession } from '../../runtime/onnxruntime-node.ts';
import { openPartSession } from '../../runtime/open-part-session.ts';
import type { Session } from '../../runtime/session.ts';
import { checkSizes, type SizedInputs } from './check-sizes.ts';
import { type SelfCheck, selfCheck } from './self-check.ts';

export interface CleanGraphOptions extends Pick<PipelineOptions, 'seed' | 'stopAfter' | 'onStart' | 'onRecord'> {
  /** Compare with the source and take back what breaks it. */
  readonly check: boolean;
  /** The source's own file. */
  readonly sourceFile: string;
  /** Where the graphs that are compared may be written. */
  readonly workFile: string;
  /**
   * Whether the artifacts will state the types of all values, as `EncodeOptions.debugInfo`: ONNX Runtime plans its memory
   * by them, so that what is compared is what is shipped. Default false.
   */
  readonly debugInfo?: boolean;
  /** The passes that steps may name. Default: all that there are. */
  readonly passes?: readonly AnyPass[];
  /** The source, run part by part, where it is too large to be loaded as a whole; candidates are then run so too. */
  readonly partSource?: Session | undefined;
}

export interface CleanedGraph {
  readonly model: Model;
  /** The steps that made it: those that were asked for, without passes that were left out. */
  readonly steps: readonly PipelineStep[];
  readonly records: readonly PassRecord[];
  readonly diagnostics: readonly Diagnostic[];
}

/** How both sides are run: without the runtime's own rewrites, and without words about sizes that the source refuses. */
const UNCHANGED = { optimization: 'disabled', quiet: true } as const;

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
  if (options.partSource !== undefined) return cleanAndCheck(source, options.partSource, steps, dataset, options);
  const sourceSession = await openOrtSession(options.sourceFile, UNCHANGED);
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
    const { stopAfter, seed, onStart, onRecord, passes = PASSES } = options;
    const quiet = { passes, onFailure: 'undo' as const, ...(seed === undefined ? {} : { seed }) };
    const build = (limit: number | undefined, listeners: Pick<PipelineOptions, 'onStart' | 'onRecord'> = {}) => {
      const { model } = cloneModel(source);
      const limited = limit === undefined ? {} : { stopAfter: limit };
      return { model, ...runPipeline(model, remaining, { ...quiet, ...limited, ...listeners }) };
    };
    const listeners = culprits.size > 0 ? {} : { ...(onStart && { onStart }), ...(onRecord && { onRecord }) };
    const result = build(stopAfter, listeners);
    const done = (): CleanedGraph => ({
      ...result,
      steps: remaining,
      diagnostics: [...diagnostics, ...result.diagnostics],
    });
    if (!options.check) return done();
    if (!isRepeatable(source)) {
      diagnostics.push(notChecked('it draws random numbers'));
      return done();
    }

    const { checks, leftOut } = await inputsFor(sourceSession, dataset, result.model, options);
    const verdict = await checkModel(result.model, sourceSession, checks, options);
    if (verdict.difference === undefined) {
      diagnostics.push(
        verdict.samples + verdict.sizes === 0
          ? notChecked(`it does not run on the inputs there are: ${verdict.refusal}`)
          : checked(verdict, leftOut),
      );
      return done();
    }
    const { difference, on } = verdict;
    const differs = async (limit: number): Promise<boolean> => {
      const partial = await checkModel(build(limit).model, sourceSession, on, options);
      return partial.difference !== undefined;
    };
    const guilty = culprits.size < MAX_CULPRITS ? await firstThat(result.records.length, differs) : 0;
    if (guilty === 0) {
      diagnostics.push(givenUp(difference));
      return { model: cloneModel(source).model, steps: [], records: [], diagnostics };
    }
    const name = result.records[guilty - 1]?.pass ?? '';
    diagnostics.push(skippedPass(name, guilty, difference, on[0]?.label ?? '', printPipeline(remaining), options));
    culprits.add(name);
  }
}

/** The samples that there are, and made-up ones of other sizes. */
async function inputsFor(
  source: Session,
  dataset: Dataset,
  typed: Model,
  { seed = 0 }: CleanGraphOptions,
): Promise<ReturnType<typeof checkSizes>> {
  const { feed } = await dataset.sample(0);
  const usual = new Map(Array.from(feed, ([name, { dims }]) => [name, dims]));
  const { checks, leftOut } = checkSizes(source.inputs, usual, typed, seed);
  return { checks: [{ label: '', dataset }, ...checks], leftOut };
}

/** What running a model beside its source on several inputs came to. */
interface Verdict {
  /** Inputs on which they agree: the samples, and made-up ones of other sizes. */
  readonly samples: number;
  readonly sizes: number;
  /** Other sizes that the source does not run with. */
  readonly refused: number;
  /** Why the source did not run on the first inputs that it refused. */
  readonly refusal: string;
  /** The first difference, and the inputs that show it. */
  readonly difference: Difference | undefined;
  readonly on: readonly SizedInputs[];
}

type Difference = SelfCheck & { kind: 'differs' };

async function checkModel(
  model: Model,
  source: Session,
  checks: readonly SizedInputs[],
  { workFile, partSource, debugInfo = false }: CleanGraphOptions,
): Promise<Verdict> {
  let verdict: Verdict = { samples: 0, sizes: 0, refused: 0, refusal: '', difference: undefined, on: checks };
  let session: Session;
  try {
    if (partSource !== undefined) {
      session = openPartSession(model, UNCHANGED);
    } else {
      await saveModelFile(model, workFile, { debugInfo });
      session = await openOrtSession(workFile, UNCHANGED);
    }
  } catch (error) {
    const detail = error instanceof Error ? error.message : String(error);
    return { ...verdict, difference: { kind: 'differs', output: '', detail }, on: checks.slice(0, 1) };
  }
  try {
    for (const one of checks) {
      const check = await selfCheck(source, session, one.dataset);
      if (check.kind === 'differs') return { ...verdict, difference: check, on: [one] };
      const sized = one.label === '' ? 0 : 1;
      if (check.kind === 'agrees')
        verdict = { ...verdict, samples: verdict.samples + 1 - sized, sizes: verdict.sizes + sized };
      else verdict = { ...verdict, refused: verdict.refused + sized, refusal: verdict.refusal || check.reason };
    }
    return verdict;
  } finally {
    await session.close();
  }
}

/**
 * Whether two runs of a model on the same inputs are to give the same. Operators that nothing is known of are taken to:
 * most do, and where one does not, only optimizations are lost.
 */
function isRepeatable(model: Model): boolean {
  const isKnown = (node: Node): boolean =>
    schemaOfNode(node, model.opsetImports) !== undefined ||
    model.functions.some(({ domain, name }) => domain === node.domain && name === node.op);
  return [...nodesWithin(model.graph)].every((node) => !isKnown(node) || isDeterministic(node, model));
}

/** The least n from 1 to `limit` for which `holds`, found by bisection; 0 where it holds for 0 already. */
export async function firstThat(limit: number, holds: (n: number) => Promise<boolean>): Promise<number> {
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
    message: `the optimized graph was not compared with its source: ${reason}`,
    hint: 'Where the source does not run on made-up inputs, give real ones with --validate or --calibrate.',
  });
}

/** What was compared, for the report. */
function checked({ samples, sizes, refused }: Verdict, leftOut: number): Diagnostic {
  const given = samples > 0 ? ['on the samples there are'] : [];
  const unchecked = [
    ...(refused > 0 ? [`the source itself does not run with ${refused} more`] : []),
    ...(leftOut > 0 ? [`${leftOut} more would take too long`] : []),
  ];
  const others =
    sizes + unchecked.length === 0
      ? []
      : [
          `with ${counted(sizes, 'other set')} of sizes for its open dimensions${unchecked.length === 0 ? '' : ` (${unchecked.join(', ')})`}`,
        ];
  return note({
    code: 'check-agrees',
    message: `the optimized graph gives what its source gives, ${[...given, ...others].join(' and ')}`,
  });
}

function skippedPass(
  name: string,
  run: number,
  { output, detail }: Difference,
  sizes: string,
  pipeline: string,
  { sourceFile }: CleanGraphOptions,
): Diagnostic {
  const where = sizes === '' ? '' : ` with ${sizes}`;
  return warning({
    code: 'check-pass-skipped',
    message: `pass '${name}' (run ${run}) changed the results${where} and was left out: output '${output}': ${detail}`,
    at: name,
    hint: 'This is a fault in modelpress. Report it with the model and the command in the notes, which writes the graph that differs.',
    notes: [`optimize ${sourceFile} --no-check --no-measure --stop-after ${run} --pipeline '${pipeline}'`],
  });
}

function givenUp(check: Difference): Diagnostic {
  return warning({
    code: 'check-differs',
    message: `the optimized graph differs from its source and was thrown away: output '${check.output}': ${check.detail}`,
    hint: 'This is a fault in modelpress. Report it with the model; the artifacts hold the source graph.',
  });
}
