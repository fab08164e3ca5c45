import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { toolVersion } from '../../src/compile/environment.ts';
import { CONVNET } from './fixture-paths.ts';

const ROOT = resolve(import.meta.dirname, '../..');
const PROGRAM = join(ROOT, 'dist/src/cli/main.js');

/** Why the built program cannot be tested: there is none, or it is older than the sources. */
function reasonToSkip(): string | undefined {
  if (!existsSync(PROGRAM)) return 'it has not been built; run npm run build';
  const built = statSync(PROGRAM).mtimeMs;
  const newer = ['src', 'passes'].some((folder) =>
    readdirSync(join(ROOT, folder), { recursive: true, withFileTypes: true }).some(
      (entry) => entry.isFile() && statSync(join(entry.parentPath, entry.name)).mtimeMs > built,
    ),
  );
  return newer ? 'it is older than the sources; run npm run build' : undefined;
}

const reason = reasonToSkip();

describe.skipIf(reason !== undefined)(`the built program${reason === undefined ? '' : ` (skipped: ${reason})`}`, () => {
  const run = (...argv: readonly string[]) => spawnSync(process.execPath, [PROGRAM, ...argv], { encoding: 'utf8' });

  it('runs as a process of its own', () => {
    expect(run('--version')).toMatchObject({ status: 0, stdout: `${toolVersion()}\n`, stderr: '' });
  });

  it('keeps JSON on stdout and its status', () => {
    const inspected = run('inspect', CONVNET, '--json');
    expect(inspected).toMatchObject({ status: 0, stderr: '' });
    expect(JSON.parse(inspected.stdout)).toMatchObject({ name: 'digits-convnet', nodes: 41 });
    expect(run('inspect', 'missing.onnx')).toMatchObject({ status: 2, stdout: '' });
  });
});
