import type { PassRecord, PipelineOptions } from '../pass/run-pipeline.ts';

/** What a run tells while it goes on, for a progress display. */
export type OptimizeEvent =
  | { readonly kind: 'stage-start'; readonly stage: string }
  | { readonly kind: 'stage-end'; readonly stage: string; readonly milliseconds: number; readonly detail: string }
  | { readonly kind: 'pass-start'; readonly pass: string; readonly index: number }
  | { readonly kind: 'pass-end'; readonly record: PassRecord }
  | { readonly kind: 'progress'; readonly stage: string; readonly done: number; readonly total: number };

export type EventListener = (event: OptimizeEvent) => void;

/** One stage of a run, with the time it took and what came of it. */
export interface StageRecord {
  readonly name: string;
  readonly milliseconds: number;
  readonly detail: string;
}

/** Keeps the time of stages and tells the listener of each. */
export class StageClock {
  readonly stages: StageRecord[] = [];
  readonly #listener: EventListener;
  #stopped = false;

  constructor(listener: EventListener) {
    this.#listener = (event) => {
      try {
        listener(event);
      } catch (error) {
        this.#stopped = true;
        throw error;
      }
    };
  }

  /** Whether the listener has stopped the run, by throwing: what stages throw from then on is no fault of theirs. */
  get stopped(): boolean {
    return this.#stopped;
  }

  /** Listeners that tell of passes. */
  get passes(): Required<Pick<PipelineOptions, 'onStart' | 'onRecord'>> {
    return {
      onStart: (pass, index) => this.#listener({ kind: 'pass-start', pass, index }),
      onRecord: (record) => this.#listener({ kind: 'pass-end', record }),
    };
  }

  /** A listener that tells how far a stage is. */
  progress(stage: string): (done: number, total: number) => void {
    return (done, total) => this.#listener({ kind: 'progress', stage, done, total });
  }

  /** Runs a stage; `describe` says in a few words what came of it. */
  async run<T>(name: string, work: () => Promise<T>, describe: (result: T) => string = () => ''): Promise<T> {
    this.#listener({ kind: 'stage-start', stage: name });
    const start = performance.now();
    const result = await work();
    const record: StageRecord = { name, milliseconds: performance.now() - start, detail: describe(result) };
    this.stages.push(record);
    this.#listener({ kind: 'stage-end', stage: name, milliseconds: record.milliseconds, detail: record.detail });
    return result;
  }
}
