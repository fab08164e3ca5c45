import type { Feed } from '../../../data/dataset.ts';
import { ModelpressError } from '../../../diagnostics/modelpress-error.ts';
import { findChromium } from '../../../runtime/chromium.ts';
import type { OutputValue, Session } from '../../../runtime/session.ts';
import { runBrowserArtifact } from '../../../targets/browser/run-browser-artifact.ts';

/** What is to be measured: a model file of the artifact, also open in Node. */
export interface BrowserSubject {
  readonly file: string;
  readonly session: Session;
}

/** What came of one subject. `times` are milliseconds of each round; undefined where it did not run. */
export interface BrowserTimes {
  readonly times: readonly number[] | undefined;
  /** The outputs of each feed, from the browser; undefined where it was not run in one. */
  readonly outputs: readonly ReadonlyMap<string, OutputValue>[] | undefined;
  /** Why it did not run. */
  readonly failure: string | undefined;
}

export interface BrowserMeasurement {
  /** `Chromium 156.0.8078.79`, or `Node 20.20.2`. */
  readonly measuredIn: string;
  readonly inBrowser: boolean;
  readonly results: readonly BrowserTimes[];
}

export interface BrowserMeasureOptions {
  readonly threads: number;
  /** Time to spend on measured rounds, in milliseconds. */
  readonly budgetMs: number;
  /** False runs each once and times nothing worth keeping. */
  readonly measure: boolean;
  /** Whether a run takes so long that one for each feed has to do. */
  readonly slow: boolean;
}

/** Runs before measuring: V8 compiles wasm a second time, for speed, while it runs. */
const WARMUP_ROUNDS = 20;
/** Rounds that are measured unless the models are slow: a run that takes seconds varies little. */
const MIN_ROUNDS = 3;

/** How often each model runs at least: once for its answer, once to warm up, and measured. */
export const LEAST_RUNS = 2 + MIN_ROUNDS;

const MAX_ROUNDS = 500;
/** Longest that loading a form or one prediction may take, in milliseconds. */
const TIMEOUT_MS = 300_000;

/**
 * Runs model files of an emitted folder in Chromium, one run of each in turn, through the artifact's own loader; where there
 * is no Chromium, in the runtimes' wasm under Node.
 *
 * @throws ModelpressError `chromium-failed`, `chromium-timeout`.
 */
export async function measureInBrowser(
  folder: string,
  subjects: readonly BrowserSubject[],
  feeds: readonly Feed[],
  options: BrowserMeasureOptions,
): Promise<BrowserMeasurement> {
  const rounds = roundsOf(options);
  if (findChromium() === undefined) {
    return {
      measuredIn: `Node ${process.versions.node}`,
      inBrowser: false,
      results: await measureInNode(subjects, feeds, rounds),
    };
  }
  const files = subjects.map(({ file }) => file);
  const trial = await runBrowserArtifact(folder, feeds, {
    ...rounds,
    files,
    threads: options.threads,
    timeoutMs: TIMEOUT_MS,
  });
  const results = trial.runs.map(
    (run): BrowserTimes =>
      run.ok
        ? { times: run.times, outputs: run.outputs, failure: undefined }
        : { times: undefined, outputs: undefined, failure: run.message },
  );
  return { measuredIn: trial.browser, inBrowser: true, results };
}

function roundsOf({ measure, slow, budgetMs }: BrowserMeasureOptions): Rounds {
  if (!measure) return { warmup: 0, minRounds: 0, maxRounds: 0, budgetMs: 0 };
  // A run of seconds warms up by itself.
  if (slow) return { warmup: 0, minRounds: 1, maxRounds: MAX_ROUNDS, budgetMs };
  return { warmup: WARMUP_ROUNDS, minRounds: MIN_ROUNDS, maxRounds: MAX_ROUNDS, budgetMs };
}

type Rounds = Readonly<Record<'warmup' | 'minRounds' | 'maxRounds' | 'budgetMs', number>>;

async function measureInNode(
  subjects: readonly BrowserSubject[],
  feeds: readonly Feed[],
  { warmup, minRounds, maxRounds, budgetMs }: Rounds,
): Promise<readonly BrowserTimes[]> {
  const times = subjects.map((): number[] => []);
  const failures = subjects.map((): string | undefined => undefined);
  let deadline = performance.now() + budgetMs;
  for (let round = -warmup; round < maxRounds; round++) {
    // A slow model is warm after few rounds.
    if (round < 0 && performance.now() > deadline) round = 0;
    if (round === 0) deadline = performance.now() + budgetMs;
    if (round >= minRounds && performance.now() > deadline) break;
    const feed = feeds[(round + warmup) % feeds.length]!;
    for (const [i, { session }] of subjects.entries()) {
      if (failures[i] !== undefined) continue;
      const start = performance.now();
      try {
        await session.run(feed);
      } catch (error) {
        if (!(error instanceof ModelpressError)) throw error;
        failures[i] = error.message;
      }
      if (round >= 0) times[i]!.push(performance.now() - start);
    }
  }
  return subjects.map((_, i) => ({
    times: failures[i] === undefined ? times[i] : undefined,
    outputs: undefined,
    failure: failures[i],
  }));
}
