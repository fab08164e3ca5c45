import { spawn } from 'node:child_process';

/** How a process ended. */
export interface ProcessOutcome {
  /** Null where a signal or the time limit ended it. */
  readonly exitCode: number | null;
  readonly timedOut: boolean;
  /** From before it was started until it had ended. */
  readonly seconds: number;
  readonly stdout: string;
  /** The end of what it said. */
  readonly stderr: string;
  readonly pid: number | undefined;
}

/** Bytes of stderr that are kept: an error message and its stack. */
const STDERR_KEPT = 4000;

/** Runs a process to its end, or until a time limit, after which it and all that it started are killed. */
export function runProcess(
  command: string,
  args: readonly string[],
  options: { readonly timeLimitMs: number; readonly env?: Readonly<Record<string, string>> },
): Promise<ProcessOutcome> {
  return new Promise((resolve, reject) => {
    const start = performance.now();
    const env = { ...process.env, ...options.env };
    // A group of its own, so that what it started ends with it.
    const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'], env, detached: true });
    const stdout: Buffer[] = [];
    let stderr = '';
    let timedOut = false;
    const timer = setTimeout(() => {
      timedOut = true;
      if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
    }, options.timeLimitMs);
    child.stdout.on('data', (chunk: Buffer) => stdout.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => {
      stderr = (stderr + chunk.toString()).slice(-STDERR_KEPT);
    });
    child.on('error', (error) => {
      clearTimeout(timer);
      reject(error);
    });
    child.on('close', (exitCode) => {
      clearTimeout(timer);
      const seconds = (performance.now() - start) / 1000;
      resolve({ exitCode, timedOut, seconds, stdout: Buffer.concat(stdout).toString(), stderr, pid: child.pid });
    });
  });
}
