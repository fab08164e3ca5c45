import type { Dataset, Label } from '../data/dataset.ts';
import { type Diagnostic, note } from '../diagnostics/diagnostic.ts';
import { fail, ModelpressError } from '../diagnostics/modelpress-error.ts';
import type { OutputValue, Session } from '../runtime/session.ts';
import type { Evaluation } from './evaluation.ts';
import { planEvaluation } from './evaluation-plan.ts';
import { type CandidateTally, candidateTally } from './scoring/candidate-tally.ts';
import type { ClassOptions } from './scoring/class-reader.ts';
import type { LabelTally, PlacedSample } from './scoring/label-scoring.ts';
import { type OutputContents, outputContents } from './scoring/output-content.ts';
import { referenceWatch } from './scoring/reference-watch.ts';
import { DEFAULT_CONFIDENCE } from './statistics/compare-options.ts';
import { summarizeEvaluation } from './summarize-evaluation.ts';

/** A model that takes part. */
export interface Contender {
  /** What to call it in results and messages; unique. */
  readonly name: string;
  readonly session: Session;
}

/** How to evaluate. */
export interface EvaluateOptions extends Omit<ClassOptions, 'classNames'> {
  /** Names of metrics, the first of which decides. Default: what `inferMetric` finds. */
  readonly metrics?: readonly string[];
  /** Share of intervals that hold the true value. Default 0.95. */
  readonly confidence?: number;
  /** Of the bootstrap. Default 0. */
  readonly seed?: number;
  /** Of the bootstrap. Default `DEFAULT_RESAMPLES`. */
  readonly resamples?: number;
  /** Samples to run at most, from the first. Default all. */
  readonly limit?: number;
  /** Milliseconds after which no further sample is begun. Default `EVALUATION_TIME_BUDGET_MS`. */
  readonly timeBudgetMs?: number;
  /** Run candidates of different runtimes at the same time; those of one runtime take turns. Default false. */
  readonly together?: boolean;
  /** Called after each sample with the samples done and those there are to do. */
  readonly onProgress?: (done: number, total: number) => void;
  /** Milliseconds from any fixed moment. Default `performance.now`. */
  readonly now?: () => number;
}

/** Five minutes: longer than any of the models this is made for takes, short enough for a stuck run to be noticed. */
export const EVALUATION_TIME_BUDGET_MS = 300_000;

/**
 * Runs a reference and its candidates over the same samples, sample by sample in turn, and compares each candidate with
 * the labels and with the reference's outputs. Metrics keep a few numbers for each sample; outputs are not kept.
 *
 * Sessions should take the feeds as the dataset gives them: one whose inputs have another layout or type has to be
 * wrapped in a session that converts.
 *
 * @throws ModelpressError `validate-no-samples`, `validate-contender-twice`, `validate-run-failed`, `validate-label-missing`,
 * `validate-outputs-differ`, and what choosing metrics and reading labels throw
 */
export async function evaluate(
  reference: Contender,
  candidates: readonly Contender[],
  dataset: Dataset,
  options: EvaluateOptions = {},
): Promise<Evaluation> {
  refuseTwins([reference, ...candidates]);
  const { now = () => performance.now(), timeBudgetMs = EVALUATION_TIME_BUDGET_MS, limit, onProgress } = options;
  const { confidence = DEFAULT_CONFIDENCE, seed = 0, resamples } = options;
  const total = Math.min(dataset.size, limit ?? dataset.size);
  const deadline = now() + timeBudgetMs;
  const finite = referenceWatch(reference.name);
  let run: Run | undefined;
  let done = 0;
  let truncated: Evaluation['truncated'] = null;

  for await (const sample of dataset.samples()) {
    if (limit !== undefined && done >= limit) truncated = 'limit';
    else if (done > 0 && now() > deadline) truncated = 'time';
    if (truncated !== null) break;
    const placed = { sample, at: `${dataset.label}[${done}]` };
    const raw = await runSample(reference, placed);
    const expected = outputContents(raw);
    run ??= begin(placed, raw, expected, candidates, dataset, options);
    requireLabel(run.labelKind, placed);
    finite.look(expected, placed.at);
    run.reference?.add(placed, expected);
    const together = options.together ? await runTogether(candidates, placed) : undefined;
    for (const [i, candidate] of candidates.entries()) {
      const answer = together?.[i] ?? (await runSample(candidate, placed));
      run.candidates[i]!.add(placed, done, expected, outputContents(answer));
    }
    done++;
    onProgress?.(done, total);
  }
  if (run === undefined) return failWithoutSamples(dataset);
  const { plan } = run;
  return {
    dataset: { label: dataset.label, origin: dataset.origin, sha256: dataset.sha256, size: dataset.size },
    samples: done,
    truncated,
    labels: run.labelKind ?? 'none',
    primary: plan.primary,
    confidence,
    seed,
    ...summarizeEvaluation(
      { name: reference.name, runtime: reference.session.runtime, tally: run.reference },
      candidates.map(({ name, session }, i) => ({ name, runtime: session.runtime, tally: run.candidates[i]! })),
      plan,
      { confidence, seed, ...(resamples === undefined ? {} : { resamples }) },
    ),
    diagnostics: [
      ...dataNotes(dataset, run.labelKind, done, truncated),
      ...plan.diagnostics,
      ...finite.findings(done),
      ...(run.reference?.findings() ?? []),
      ...run.candidates.flatMap((tally) => tally.findings()),
    ],
  };
}

/** What the first sample settles, and the tallies. */
interface Run {
  readonly labelKind: Label['kind'] | undefined;
  readonly plan: ReturnType<typeof planEvaluation>;
  readonly reference: LabelTally | undefined;
  readonly candidates: readonly CandidateTally[];
}

function begin(
  placed: PlacedSample,
  raw: ReadonlyMap<string, OutputValue>,
  expected: OutputContents,
  candidates: readonly Contender[],
  { classNames, scoring = {} }: Dataset,
  options: EvaluateOptions,
): Run {
  const plan = planEvaluation(placed, raw, expected, {
    ...(scoring.output !== undefined && { output: scoring.output }),
    ...(scoring.labelOffset !== undefined && { labelOffset: scoring.labelOffset }),
    ...(scoring.threshold !== undefined && { threshold: scoring.threshold }),
    ...options,
    ...(classNames === undefined ? {} : { classNames }),
  });
  return {
    labelKind: placed.sample.label?.kind,
    plan,
    reference: plan.labels?.tally(),
    candidates: candidates.map(({ name }) => candidateTally(name, plan.series, plan.labels?.tally())),
  };
}

async function runSample(
  { name, session }: Contender,
  { sample, at }: PlacedSample,
): Promise<ReadonlyMap<string, OutputValue>> {
  try {
    return await session.run(sample.feed);
  } catch (error) {
    const hint = error instanceof ModelpressError ? error.hint : undefined;
    return fail(
      {
        code: 'validate-run-failed',
        message: `${name} could not run ${at}: ${error instanceof Error ? error.message : String(error)}`,
        at,
        hint: hint ?? `check that the sample fits the inputs of ${name}`,
      },
      error,
    );
  }
}

/** The answers of all, in their order; where several fail, the first of them is told. */
async function runTogether(
  contenders: readonly Contender[],
  placed: PlacedSample,
): Promise<readonly ReadonlyMap<string, OutputValue>[]> {
  const turns = new Map<string, Promise<unknown>>();
  const answers = contenders.map((contender) => {
    const { runtime } = contender.session;
    const answer = (turns.get(runtime) ?? Promise.resolve()).then(() => runSample(contender, placed));
    turns.set(
      runtime,
      answer.catch(() => undefined),
    );
    return answer;
  });
  const settled = await Promise.allSettled(answers);
  return settled.map((one) => {
    if (one.status === 'rejected') throw one.reason;
    return one.value;
  });
}

function requireLabel(kind: Label['kind'] | undefined, { sample, at }: PlacedSample): void {
  if (sample.label?.kind === kind) return;
  const describe = (one: Label['kind'] | undefined): string => (one === undefined ? 'no label' : `a label of ${one}`);
  fail({
    code: 'validate-label-missing',
    message: `${at} has ${describe(sample.label?.kind)}, the first sample ${describe(kind)}`,
    at,
    hint: 'give every sample the same kind of label, or none',
  });
}

function refuseTwins(contenders: readonly Contender[]): void {
  const seen = new Set<string>();
  for (const { name } of contenders) {
    if (seen.has(name)) {
      fail({
        code: 'validate-contender-twice',
        message: `two models are called "${name}"`,
        at: name,
        hint: 'give each its own name',
      });
    }
    seen.add(name);
  }
}

function failWithoutSamples({ label, size }: Dataset): never {
  return fail({
    code: 'validate-no-samples',
    message: `${label} gave no sample to validate on (it says it has ${size})`,
    at: label,
    hint: 'give a dataset with at least one sample, and a limit of at least 1',
  });
}

function dataNotes(
  { label, origin, size }: Dataset,
  kind: Label['kind'] | undefined,
  done: number,
  truncated: Evaluation['truncated'],
): readonly Diagnostic[] {
  const found: Diagnostic[] = [];
  if (truncated !== null) {
    const message = `the first ${done} of ${size} samples of ${label} were run, then the ${truncated === 'limit' ? 'limit' : 'time budget'} was reached`;
    const hint = 'if the data is in order of class, these are not typical of it';
    found.push(note({ code: 'validate-truncated', message, at: label, hint }));
  }
  if (kind === undefined) {
    const source = origin === 'synthetic' ? 'synthetic' : 'without labels';
    const message = `${label} is ${source}: the result is how far the outputs are from the reference's, not accuracy`;
    const hint = 'give labelled data to measure accuracy';
    found.push(note({ code: 'validate-agreement-only', message, at: label, hint }));
  }
  return found;
}
