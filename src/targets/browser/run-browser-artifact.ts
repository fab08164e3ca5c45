import { readFile } from 'node:fs/promises';
import type { DataType } from '../../ir/dtype.ts';
import { stringTensor, type Tensor, tensorBytes, tensorFromBytes, toStrings } from '../../ir/tensor.ts';
import { type Chromium, withChromium } from '../../runtime/chromium.ts';
import { serveFolder } from './serve-folder.ts';

/** How to try a browser artifact. */
export interface BrowserTrialOptions {
  /** One that runs already. Default: one is started for this trial. */
  readonly chromium?: Chromium;
  /** Model files to load, each through the artifact's loader; absent: what the loader chooses by itself. */
  readonly files?: readonly string[];
  /** Default 1. */
  readonly threads?: number;
  /** Rounds before measuring starts. Default 10. */
  readonly warmup?: number;
  /** Measured rounds, however slow the model is. Default 1. */
  readonly minRounds?: number;
  /** Default as `minRounds`. */
  readonly maxRounds?: number;
  /** Time to spend on measured rounds beyond `minRounds`, in milliseconds. Default 0. */
  readonly budgetMs?: number;
  /** Longest that loading or a prediction may take. Default 120 s. */
  readonly timeoutMs?: number;
}

/** What came of one model file in Chromium. */
export type BrowserRun =
  | {
      readonly ok: true;
      /** The file that was loaded. */
      readonly file: string;
      /** Files that the loader passed over because they do not load. */
      readonly failures: readonly { readonly file: string; readonly message: string }[];
      /** Milliseconds from the call until the model was ready, download from this machine included. */
      readonly loadMs: number;
      /** The outputs of each feed. */
      readonly outputs: readonly ReadonlyMap<string, Tensor>[];
      /** Milliseconds of each measured `predict()`, as the page sees it. */
      readonly times: readonly number[];
    }
  | { readonly ok: false; readonly code: string; readonly message: string };

export interface BrowserTrial {
  /** Name and version of the browser. */
  readonly browser: string;
  /** One per file. */
  readonly runs: readonly BrowserRun[];
}

/** A tensor on its way to or from the page: its bytes in base64, or strings. */
interface WireTensor {
  readonly name: string;
  readonly type: string;
  readonly dims: readonly number[];
  readonly data: string | readonly string[];
}

/** The script that tries the artifact in the page, and where it and what it needs are served. */
const TRIAL = new URL('./trial/trial.js', import.meta.url);
const PLACES = { page: '/-/trial.html', script: '/-/trial.js', request: '/-/request.json' };

/** What the page calls to say that it is at work. */
const GOES_ON = 'goesOn';

/** The page does nothing by itself; it is there to run the script in. */
const PAGE = '<!doctype html><meta charset="utf-8"><link rel="icon" href="data:,"><title>trial</title>';

/**
 * Runs a browser artifact as its users will: serves the folder, opens a page of it in Chromium, loads model files through
 * the artifact's own loader, runs them on the feeds and times them, one run of each in turn.
 *
 * @throws ModelpressError `chromium-missing`, `chromium-failed`, `chromium-timeout`. A file that does not load or run is a
 * result with `ok: false`.
 */
export async function runBrowserArtifact(
  directory: string,
  feeds: readonly ReadonlyMap<string, Tensor>[],
  options: BrowserTrialOptions = {},
): Promise<BrowserTrial> {
  const { files, threads = 1, warmup = 10, minRounds = 1, budgetMs = 0, timeoutMs = 120_000 } = options;
  const request = {
    files: files ?? [null],
    feeds: feeds.map((feed) => Array.from(feed, ([name, tensor]) => wireTensor(name, tensor))),
    threads,
    warmup,
    minRounds,
    maxRounds: options.maxRounds ?? minRounds,
    budgetMs,
  };
  const server = await serveFolder(directory, {
    extra: new Map([
      [PLACES.page, { type: 'text/html; charset=utf-8', body: PAGE }],
      [PLACES.script, { type: 'text/javascript; charset=utf-8', body: await readFile(TRIAL) }],
      [PLACES.request, { type: 'application/json', body: JSON.stringify(request) }],
    ]),
  });
  const run = async (chromium: Chromium): Promise<BrowserTrial> => {
    const answer = await chromium.visit(`${server.url}${PLACES.page}`, timeoutMs, async (page, goesOn) => {
      await page.exposeFunction(GOES_ON, goesOn);
      return page.evaluate(
        `Promise.all([import('${PLACES.script}'), fetch('${PLACES.request}').then((response) => response.json())])
          .then(([{ trial }, request]) => trial('/modelpress.js', request, ${GOES_ON}))`,
      );
    });
    return { browser: chromium.name, runs: (answer as readonly WireRun[]).map(readRun) };
  };
  try {
    return await (options.chromium === undefined ? withChromium(run) : run(options.chromium));
  } finally {
    await server.close();
  }
}

type WireRun =
  | (Omit<Extract<BrowserRun, { ok: true }>, 'outputs'> & { readonly outputs: readonly (readonly WireTensor[])[] })
  | Extract<BrowserRun, { ok: false }>;

function readRun(run: WireRun): BrowserRun {
  if (!run.ok) return run;
  return {
    ...run,
    outputs: run.outputs.map((tensors) => new Map(tensors.map((tensor) => [tensor.name, readTensor(tensor)]))),
  };
}

function wireTensor(name: string, tensor: Tensor): WireTensor {
  const { dtype: type, dims } = tensor;
  const data = type === 'string' ? toStrings(tensor) : Buffer.from(tensorBytes(tensor)).toString('base64');
  return { name, type, dims, data };
}

function readTensor({ type, dims, data }: WireTensor): Tensor {
  if (typeof data !== 'string') return stringTensor(dims, data);
  return tensorFromBytes(type as DataType, dims, Buffer.from(data, 'base64'));
}
