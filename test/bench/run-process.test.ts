import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { runProcess } from '../../bench/processes/run-process.ts';

const node = (code: string, timeLimitMs = 30_000) => runProcess(process.execPath, ['-e', code], { timeLimitMs });

describe('runProcess', () => {
  it('gives the exit status, and what was said on either stream', async () => {
    const outcome = await node('console.log("out"); console.error("err"); process.exitCode = 3');
    expect(outcome).toMatchObject({ exitCode: 3, timedOut: false, stdout: 'out\n', stderr: 'err\n' });
  });

  it('passes variables on', async () => {
    const code = 'console.log(process.env.BENCH_TEST, process.env.PATH !== undefined)';
    const env = { BENCH_TEST: 'there' };
    const { stdout } = await runProcess(process.execPath, ['-e', code], { timeLimitMs: 30_000, env });
    expect(stdout).toBe('there true\n');
  });

  it('kills what outlasts the limit, and what that has started', async () => {
    const grandchild = 'setInterval(() => {}, 1000)';
    const code = `const child = require('child_process').spawn(process.execPath, ['-e', '${grandchild}']);
      console.log(child.pid); setInterval(() => {}, 1000)`;
    const { exitCode, timedOut, stdout } = await node(code, 1500);
    expect({ exitCode, timedOut }).toEqual({ exitCode: null, timedOut: true });
    await expect.poll(() => isRunning(Number(stdout)), { timeout: 10_000 }).toBe(false);
  });

  it('rejects a command that there is none of', async () => {
    await expect(runProcess('no-such-command-here', [], { timeLimitMs: 1000 })).rejects.toThrow('ENOENT');
  });
});

/** A killed process whose parent died may stay in the table until it is reaped, as a zombie. */
function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch {
    return false;
  }
  try {
    return !/^State:\s+[ZX]/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}
