import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import { fail, ModelpressError } from '../diagnostics/modelpress-error.ts';
import { cloneModel } from '../ir/clone.ts';
import type { Graph } from '../ir/graph.ts';
import type { Model } from '../ir/model.ts';
import type { Value } from '../ir/value.ts';
import { verify } from '../ir/verify.ts';
import { graphsOf } from '../ir/walk.ts';
import type { AnyPass, PassContext, ValueRange } from './define-pass.ts';
import { type ModelSize, sizeOf } from './model-size.ts';
import { readOptions } from './pass-option.ts';
import type { PipelineStep } from './pipeline.ts';

/** What one run of one pass did. */
export interface PassRecord {
  /** Place in the order in which passes ran, from 1; `stopAfter` counts these. */
  readonly index: number;
  readonly pass: string;
  readonly options: Readonly<Record<string, unknown>>;
  readonly milliseconds: number;
  readonly changed: boolean;
  readonly before: ModelSize;
  readonly after: ModelSize;
  readonly counts: Readonly<Record<string, number>>;
  /** The pass broke the graph or threw; the model was put back as it was before it. */
  readonly undone: boolean;
}

export interface PipelineResult {
  readonly records: readonly PassRecord[];
  readonly diagnostics: readonly Diagnostic[];
}

export interface PipelineOptions {
  /** Every pass that the pipeline may name. */
  readonly passes: readonly AnyPass[];
  readonly seed?: number;
  readonly ranges?: ReadonlyMap<Value, ValueRange>;
  /** Stop after this many pass runs: the way to find the pass that breaks a model. */
  readonly stopAfter?: number;
  /** What to do when a pass throws or leaves a graph that does not verify. Default `throw`. */
  readonly onFailure?: 'throw' | 'undo';
  /** Called before each pass runs. */
  readonly onStart?: (pass: string, index: number) => void;
  /** Called after each pass has run. */
  readonly onRecord?: (record: PassRecord) => void;
}

/**
 * Runs a pipeline on a model, which it changes: verifies after every pass, times it, counts what it did.
 *
 * With `onFailure: 'undo'` a pass that fails is taken back and reported as the warning `pass-undone`, and the rest goes
 * on from the graph before it.
 *
 * @throws ModelpressError `pass-unknown`, `pass-needs-ranges`, and those of `readOptions`; with `onFailure: 'throw'`
 * also `pass-failed` and `pass-broke-graph`. Where weights lie in files, also the errors of reading and writing those.
 */
export function runPipeline(model: Model, steps: readonly PipelineStep[], options: PipelineOptions): PipelineResult {
  const run = new PipelineRun(model, options);
  run.steps(steps);
  return { records: run.records, diagnostics: run.diagnostics };
}

/** Finds a pass by name. @throws ModelpressError `pass-unknown`. */
export function findPass(passes: readonly AnyPass[], name: string): AnyPass {
  const found = passes.find((pass) => pass.name === name);
  if (found !== undefined) return found;
  return fail({
    code: 'pass-unknown',
    message: `there is no pass '${name}'`,
    at: name,
    hint: 'List the passes with `optimize passes`.',
  });
}

/** Codes of what is no pass's fault: weights that cannot be read any more, or not be put away. */
const STORAGE_FAULTS = /^(?:files|onnx-external-data)-/;

class PipelineRun {
  readonly records: PassRecord[] = [];
  readonly diagnostics: Diagnostic[] = [];
  readonly #model: Model;
  readonly #options: PipelineOptions;
  #size: ModelSize;
  /** How often a pass has changed the model. */
  #changes = 0;
  /** The passes that have seen the model as it is after so many changes: twice is once. */
  readonly #seen = new Map<string, number>();
  /** Pass and options of each step as text; most steps are run in every round. */
  readonly #keys = new Map<PipelineStep, string>();
  /** Every graph of the model as it is now; found when a pass asks after a change. */
  #graphs: readonly Graph[] | undefined;
  /** The model as it is now, for passes that have to be taken back; kept until a pass changes it. */
  #backup: Model | undefined;

  constructor(model: Model, options: PipelineOptions) {
    this.#model = model;
    this.#options = options;
    this.#size = sizeOf(model);
  }

  /** Runs steps in order; answers whether any of them changed the model. */
  steps(steps: readonly PipelineStep[]): boolean {
    let changed = false;
    for (const step of steps) {
      if (this.#stopped()) break;
      if (step.kind === 'pass') changed = this.#passIfNeeded(step) || changed;
      else for (let round = 0; round < step.limit && this.steps(step.steps); round++) changed = true;
    }
    return changed;
  }

  /** Runs a pass unless nothing has changed since it ran last, with the same options. */
  #passIfNeeded(step: PipelineStep & { readonly kind: 'pass' }): boolean {
    const { name, options } = step;
    const key = this.#keys.get(step) ?? JSON.stringify([name, options]);
    this.#keys.set(step, key);
    if (this.#seen.get(key) === this.#changes) return false;
    const changed = this.#pass(name, options);
    if (changed) this.#changes++;
    this.#seen.set(key, this.#changes);
    return changed;
  }

  /** A pass that runs in every round of a fixpoint says the same thing each time; it is kept once. */
  #collect(diagnostic: Diagnostic): void {
    const same = (other: Diagnostic): boolean => other.code === diagnostic.code && other.message === diagnostic.message;
    if (!this.diagnostics.some(same)) this.diagnostics.push(diagnostic);
  }

  #stopped(): boolean {
    return this.records.length >= (this.#options.stopAfter ?? Number.POSITIVE_INFINITY);
  }

  #pass(name: string, raw: Readonly<Record<string, unknown>>): boolean {
    const pass = findPass(this.#options.passes, name);
    const options = readOptions(name, pass.options, raw);
    if (pass.needs === 'ranges' && this.#options.ranges === undefined) {
      fail({
        code: 'pass-needs-ranges',
        message: `pass '${name}' needs the ranges of the model's values, which come from calibration`,
        at: name,
        hint: 'Give --calibrate, or leave the pass to --quantize.',
      });
    }
    const index = this.records.length + 1;
    this.#options.onStart?.(name, index);
    const counts: Record<string, number> = {};
    const found: Diagnostic[] = [];
    const context: PassContext = {
      model: this.#model,
      options,
      seed: this.#options.seed ?? 0,
      ranges: this.#options.ranges ?? new Map(),
      count: (what, by = 1) => {
        if (by !== 0) counts[what] = (counts[what] ?? 0) + by;
      },
      report: (diagnostic) => found.push(diagnostic),
    };
    const before = this.#size;
    if (this.#options.onFailure === 'undo') this.#backup ??= cloneModel(this.#model).model;
    const backup = this.#backup;
    const structure = structureOf(this.#model);
    const start = performance.now();
    let failure: ModelpressError | undefined;
    let changed = false;
    try {
      this.#graphs ??= [...graphsOf(this.#model)];
      changed = runOnGraphs(pass, this.#model, this.#graphs, context);
      if (changed && structureOf(this.#model) !== structure) failure = brokenBy(pass, this.#model, index);
    } catch (error) {
      if (error instanceof ModelpressError && STORAGE_FAULTS.test(error.code)) throw error;
      failure =
        error instanceof ModelpressError && error.code.startsWith('pass-') ? error : passFailed(pass, index, error);
    }
    const milliseconds = performance.now() - start;
    if (failure !== undefined) {
      if (backup === undefined) throw failure;
      Object.assign(this.#model, backup);
      this.#backup = undefined;
      this.#graphs = undefined;
      changed = false;
      this.diagnostics.push({
        ...failure.diagnostic,
        code: 'pass-undone',
        severity: 'warning',
        notes: [`${failure.code}: what it did was taken back`, ...(failure.diagnostic.notes ?? [])],
      });
    } else {
      for (const diagnostic of found) this.#collect(diagnostic);
    }
    if (changed) this.#backup = undefined;
    if (structureOf(this.#model) !== structure) {
      this.#size = sizeOf(this.#model);
      this.#graphs = undefined;
    }
    const record: PassRecord = {
      index,
      pass: name,
      options,
      milliseconds,
      changed,
      before,
      after: this.#size,
      counts: failure === undefined ? counts : {},
      undone: failure !== undefined,
    };
    this.records.push(record);
    this.#options.onRecord?.(record);
    return changed;
  }
}

/** Calls a pass for each graph of its scope, out of all that the model has; answers whether any graph changed. */
function runOnGraphs(pass: AnyPass, model: Model, all: readonly Graph[], context: PassContext): boolean {
  const graphs: readonly Graph[] = pass.scope === 'model' ? [model.graph] : all;
  // The version of a graph covers those nested in it.
  const watched = [model.graph, ...model.functions.map((definition) => definition.graph)];
  const versions = watched.map((graph) => graph.version);
  for (const graph of graphs) {
    // A branch may have gone with a node that an earlier call erased.
    if (graph !== model.graph && graph.owner === undefined && !model.functions.some((f) => f.graph === graph)) continue;
    pass.run(graph, context);
  }
  return watched.some((graph, at) => graph.version !== versions[at]) || model.functions.length !== watched.length - 1;
}

/** Differs between two states of a model unless they differ in types only, of which neither size nor soundness depends. */
function structureOf({ graph, functions }: Model): string {
  return [graph.structure, ...functions.map((definition) => definition.graph.structure)].join();
}

function brokenBy(pass: AnyPass, model: Model, index: number): ModelpressError | undefined {
  const problems = verify(model);
  if (problems.length === 0) return undefined;
  return new ModelpressError({
    code: 'pass-broke-graph',
    message: `pass '${pass.name}' (run ${index}) left a graph that does not verify: ${problems[0]?.message}`,
    at: pass.name,
    hint: `This is a fault in modelpress. Report it with the model; --stop-after ${index - 1} gives the graph before it.`,
    notes: problems.slice(0, 5).map((problem) => `${problem.code}: ${problem.message}`),
  });
}

function passFailed(pass: AnyPass, index: number, cause: unknown): ModelpressError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new ModelpressError(
    {
      code: 'pass-failed',
      message: `pass '${pass.name}' (run ${index}) failed: ${reason}`,
      at: pass.name,
      hint: `This is a fault in modelpress. Report it with the model; --stop-after ${index - 1} gives the graph before it.`,
    },
    { cause },
  );
}
