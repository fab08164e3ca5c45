import { accessSync, constants } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import type { BrowserContext, Page } from 'playwright-core';
import { fail, ModelpressError } from '../diagnostics/modelpress-error.ts';

/** The names that Chromium goes by. */
const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];

/** Without a display, a sandbox (containers have none) and a graphics card, and without asking the network for anything. */
const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** Longest that the browser may take to start and to close, in milliseconds. */
const START_MS = 60_000;

/** Messages of the page that are kept for an error; the first tell the cause. */
const KEPT_MESSAGES = 5;

/**
 * The system's Chromium: what `CHROME_PATH` names, or the first on the PATH. Undefined where there is none.
 */
export function findChromium(env: Readonly<Record<string, string | undefined>> = process.env): string | undefined {
  const named = env.CHROME_PATH;
  if (named !== undefined && named !== '') return isExecutable(named) ? named : undefined;
  const folders = (env.PATH ?? '').split(delimiter).filter((folder) => folder !== '');
  return NAMES.flatMap((name) => folders.map((folder) => join(folder, name))).find(isExecutable);
}

/** A running Chromium. */
export interface Chromium {
  /** Name and version, `Chromium 156.0.8078.79`. */
  readonly name: string;
  /**
   * Opens an address in a page of its own, hands that to `work`, and closes it.
   *
   * @param timeoutMs longest that it may take to end, or to call `goesOn` again: a busy machine takes longer over all of it.
   * @throws ModelpressError `chromium-failed` where the page does not open, crashes or its script throws,
   * `chromium-timeout`, and what `work` throws.
   */
  visit<T>(url: string, timeoutMs: number, work: (page: Page, goesOn: () => void) => Promise<T>): Promise<T>;
}

/**
 * Starts the system's Chromium with a profile that is thrown away, and hands it to `work`. Browser and profile are gone
 * when it returns.
 *
 * @throws ModelpressError `chromium-missing`, `chromium-failed` where it does not start, and what `work` throws.
 */
export async function withChromium<T>(work: (chromium: Chromium) => Promise<T>): Promise<T> {
  const executablePath =
    findChromium() ??
    fail({
      code: 'chromium-missing',
      message: 'there is no Chromium on this machine',
      hint: 'Install Chromium, or name it with the environment variable CHROME_PATH.',
    });
  const profile = await mkdtemp(join(tmpdir(), 'modelpress-chromium-'));
  let context: BrowserContext | undefined;
  try {
    const { chromium } = await import('playwright-core');
    const started = await chromium
      .launchPersistentContext(profile, { executablePath, headless: true, args: FLAGS, timeout: START_MS })
      .catch((error: unknown) => failed(executablePath, error, []));
    context = started;
    return await work({
      name: `Chromium ${started.browser()?.version() ?? ''}`.trim(),
      visit: (url, timeoutMs, inPage) => visit(started, url, timeoutMs, inPage),
    });
  } finally {
    // One that has ended by itself, as on Ctrl-C, has nothing left to close.
    await context?.close().catch(() => undefined);
    await rm(profile, { recursive: true, force: true, maxRetries: 5 });
  }
}

async function visit<T>(
  context: BrowserContext,
  url: string,
  timeoutMs: number,
  work: (page: Page, goesOn: () => void) => Promise<T>,
): Promise<T> {
  const page = await context.newPage();
  const messages: string[] = [];
  const keep = (text: string): void => {
    if (messages.length < KEPT_MESSAGES) messages.push(text);
  };
  page.on('pageerror', (error) => keep(error.message));
  page.on('console', (message) => message.type() === 'error' && keep(message.text()));
  const crashed = new Promise<never>((_, reject) => page.once('crash', () => reject(new Error('the page crashed'))));
  const done = async (goesOn: () => void): Promise<T> => {
    await page.goto(url, { timeout: timeoutMs });
    return work(page, goesOn);
  };
  try {
    return await limited((goesOn) => Promise.race([done(goesOn), crashed]), timeoutMs, url);
  } catch (error) {
    if (error instanceof ModelpressError) throw error;
    return failed(url, error, messages);
  } finally {
    await page.close().catch(() => undefined);
  }
}

function failed(at: string, error: unknown, notes: readonly string[]): never {
  return fail(
    {
      code: 'chromium-failed',
      at,
      message: `Chromium could not run ${at}: ${firstLine(error)}`,
      hint: 'Open it in a browser by hand to see why.',
      notes,
    },
    error,
  );
}

/** Waits for work, but not longer than `timeoutMs` after it began or last went on. */
async function limited<T>(work: (goesOn: () => void) => Promise<T>, timeoutMs: number, url: string): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    const error = new ModelpressError({
      code: 'chromium-timeout',
      at: url,
      message: `Chromium did nothing for ${timeoutMs / 1000} s over ${url}`,
      hint: 'Is the model too large for a browser on this machine?',
    });
    timer = setTimeout(() => reject(error), timeoutMs);
  });
  try {
    const goesOn = (): void => {
      timer?.refresh();
    };
    return await Promise.race([work(goesOn), late]);
  } finally {
    clearTimeout(timer);
    // What goes on later does not set it again.
    timer = undefined;
  }
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

function firstLine(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).split('\n')[0] ?? '';
}
