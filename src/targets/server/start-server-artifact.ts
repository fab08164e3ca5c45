import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { join } from 'node:path';
import { fail } from '../../diagnostics/modelpress-error.ts';
import { environmentName, OPTION_ROWS } from './program/serving/options.mjs';

/** A server artifact that runs as a process of its own. */
export interface RunningServer {
  /** `http://127.0.0.1:<port>`. */
  readonly url: string;
  /** Name and version of the model beside the program. */
  readonly model: { readonly name: string; readonly version: number };
  readonly process: ChildProcessWithoutNullStreams;
  /** What it has written so far, logs and errors. */
  readonly output: () => string;
  /** Resolves with the exit code once the process has ended and all of its output is read; null when a signal ended it. */
  readonly exited: Promise<number | null>;
  /** Sends SIGTERM and waits for the end; kills it after `timeoutMs`. */
  readonly stop: (timeoutMs?: number) => Promise<number | null>;
}

/** How to start it. */
export interface StartOptions {
  /** Flags of the serving program; the port and address are chosen by this function. */
  readonly args?: readonly string[];
  /** Longest time until it listens, in milliseconds. Default 30 s: Node and the runtime load in under one. */
  readonly timeoutMs?: number;
}

/** Longest wait for a stopped server to end, in milliseconds: over the program's own deadline of 10 s. */
const STOP_MS = 15_000;

/** Text kept of a server's output; enough for the errors of a start. */
const OUTPUT_CHARACTERS = 100_000;

/**
 * Starts `server.mjs` of a server artifact on a free port of the loopback interface, and waits until it listens; the model
 * may still be loading. Packages that the artifact has not installed are taken from beside modelpress.
 *
 * @throws ModelpressError `server-start-failed` when the process ends first or the time is over, with what it wrote.
 */
export async function startServerArtifact(directory: string, options: StartOptions = {}): Promise<RunningServer> {
  const { args = [], timeoutMs = 30_000 } = options;
  const preload = new URL('./resolve-dependencies.mjs', import.meta.url).href;
  const argv = ['--import', preload, join(directory, 'server.mjs'), '--host', '127.0.0.1', '--port', '0', ...args];
  const child = spawn(process.execPath, argv, { env: plainEnvironment(), stdio: 'pipe' });
  let output = '';
  const keep = (chunk: string): void => {
    output = (output + chunk).slice(-OUTPUT_CHARACTERS);
  };
  child.stderr.setEncoding('utf8').on('data', keep);
  child.stdout.setEncoding('utf8').on('data', keep);
  const exited = new Promise<number | null>((resolve) => {
    child.once('close', resolve);
    child.once('error', () => resolve(null));
  });
  const listening = await waitForListening(child, exited, timeoutMs);
  if (listening === undefined) {
    child.kill('SIGKILL');
    const code = await exited;
    fail({
      code: 'server-start-failed',
      at: directory,
      message: `the server artifact did not start: ${output.trim().split('\n').slice(-3).join(' | ') || `code ${code}`}`,
      hint: 'Run `node server.mjs` in the folder to see why.',
    });
  }
  return {
    url: `http://127.0.0.1:${listening.port}`,
    model: { name: listening.model, version: listening.version },
    process: child,
    output: () => output,
    exited,
    stop: async (limitMs = STOP_MS) => {
      child.kill('SIGTERM');
      const timer = setTimeout(() => child.kill('SIGKILL'), limitMs);
      const code = await exited;
      clearTimeout(timer);
      return code;
    },
  };
}

/** The caller's environment without what would set options of the program or of Node. */
function plainEnvironment(): Readonly<Record<string, string | undefined>> {
  const options = new Set(['NODE_OPTIONS', ...OPTION_ROWS.map(([name]) => environmentName(name))]);
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !options.has(name)));
}

/** The line that the program prints when it listens. */
interface Listening {
  readonly event: 'listening';
  readonly port: number;
  readonly model: string;
  readonly version: number;
}

/** The program's line; undefined when the process ends or the time is over before it comes. */
function waitForListening(
  child: ChildProcessWithoutNullStreams,
  exited: Promise<unknown>,
  timeoutMs: number,
): Promise<Listening | undefined> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve(undefined), timeoutMs);
    let rest = '';
    const settle = (line: Listening | undefined): void => {
      clearTimeout(timer);
      child.stdout.off('data', read);
      resolve(line);
    };
    const read = (chunk: string): void => {
      const lines = (rest + chunk).split('\n');
      rest = lines.pop() ?? '';
      const line = lines.find((text) => text.startsWith('{"event":"listening"'));
      if (line !== undefined) settle(JSON.parse(line) as Listening);
    };
    child.stdout.on('data', read);
    void exited.then(() => settle(undefined));
  });
}
