import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ModelpressError } from '../../src/diagnostics/modelpress-error.ts';
import { writeFolderAtomically } from '../../src/files/write-folder-atomically.ts';
import { temporaryFolder } from './temporary-folder.ts';

const folder = temporaryFolder();
const OWN = JSON.stringify({ tool: { name: 'modelpress' } });

/** Fills a folder with one file, and answers the folder that it filled. */
const fill = (text: string) => async (temporary: string) => {
  mkdirSync(join(temporary, 'server'));
  writeFileSync(join(temporary, 'server/manifest.json'), OWN);
  writeFileSync(join(temporary, 'file'), text);
  return temporary;
};

async function codeOf(action: () => Promise<unknown>): Promise<string> {
  try {
    await action();
  } catch (error) {
    if (error instanceof ModelpressError) return error.code;
    throw error;
  }
  return 'none';
}

describe('writeFolderAtomically', () => {
  it('shows the folder only when it is complete, and answers what the writer answered', async () => {
    const at = folder();
    const target = join(at, 'deep/out');
    const temporary = await writeFolderAtomically(target, async (path) => {
      expect(existsSync(target)).toBe(false);
      return await fill('text')(path);
    });
    expect(temporary).not.toBe(target);
    expect(readdirSync(join(at, 'deep'))).toEqual(['out']);
    expect(readFileSync(join(target, 'file'), 'utf8')).toBe('text');
  });

  it('replaces what it made before, and an empty folder', async () => {
    const target = join(folder(), 'out');
    mkdirSync(target);
    await writeFolderAtomically(target, fill('first'));
    writeFileSync(join(target, 'stale'), '');
    await writeFolderAtomically(target, fill('second'));
    expect(readdirSync(target).sort()).toEqual(['file', 'server']);
    expect(readFileSync(join(target, 'file'), 'utf8')).toBe('second');
  });

  it.each<[string, (target: string) => void]>([
    ['a folder of other files', (target) => mkdirSync(join(target, 'photos'), { recursive: true })],
    ['a file', (target) => writeFileSync(target, 'text')],
    [
      "a folder with another program's manifest",
      (target) => {
        mkdirSync(target);
        writeFileSync(join(target, 'manifest.json'), '{"name": "web app"}');
      },
    ],
    [
      'a folder with a broken manifest',
      (target) => {
        mkdirSync(target);
        writeFileSync(join(target, 'manifest.json'), '{"modelpress"');
      },
    ],
  ])('keeps its hands off %s', async (_, make) => {
    const at = folder();
    const target = join(at, 'out');
    make(target);
    let called = false;
    expect(await codeOf(() => writeFolderAtomically(target, async () => (called = true)))).toBe('files-folder-taken');
    expect([called, readdirSync(at)]).toEqual([false, ['out']]);
  });

  it('leaves everything as it was when the writer fails', async () => {
    const at = folder();
    const failing = async (temporary: string) => {
      await fill('half')(temporary);
      throw new Error('no room');
    };
    await expect(writeFolderAtomically(join(at, 'a/b/out'), failing)).rejects.toThrowError('no room');
    expect(readdirSync(at)).toEqual([]);
    await writeFolderAtomically(join(at, 'out'), fill('whole'));
    await expect(writeFolderAtomically(join(at, 'out'), failing)).rejects.toThrowError('no room');
    expect(readdirSync(at)).toEqual(['out']);
    expect(readFileSync(join(at, 'out/file'), 'utf8')).toBe('whole');
  });

  it('says where it cannot write', async () => {
    const at = folder();
    writeFileSync(join(at, 'file'), '');
    expect(await codeOf(() => writeFolderAtomically(join(at, 'file/out'), fill('')))).toBe('files-unwritable');
    expect(readdirSync(at)).toEqual(['file']);
  });
});
