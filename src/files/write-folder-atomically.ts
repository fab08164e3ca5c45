import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fail } from '../diagnostics/modelpress-error.ts';
import { temporarySibling, unwritable } from './write-file-atomically.ts';

/**
 * Fills a folder as a whole: `write` gets a temporary sibling, which takes the place of `path` when it is done. When it
 * throws, or the folder cannot be written, `path` is as it was and nothing is left beside it.
 *
 * An existing folder is replaced only if it is empty or was made by modelpress, which shows in a `manifest.json` that
 * names it, there or in a folder directly inside.
 *
 * @returns what `write` returned.
 * @throws ModelpressError `files-folder-taken`, `files-unwritable`, and whatever `write` throws.
 */
export async function writeFolderAtomically<T>(path: string, write: (temporary: string) => Promise<T>): Promise<T> {
  const target = resolve(path);
  refuseForeign(target);
  const temporary = temporarySibling(target);
  let made: string | undefined;
  try {
    made = mkdirSync(temporary, { recursive: true });
  } catch (cause) {
    return unwritable(path, cause);
  }
  try {
    const result = await write(temporary);
    refuseForeign(target);
    replace(target, temporary);
    return result;
  } catch (cause) {
    // `made` is the first folder that was made on the way: the temporary one or a parent.
    rmSync(made ?? temporary, { recursive: true, force: true });
    throw cause;
  }
}

function replace(target: string, temporary: string): void {
  const old = `${temporary}.old`;
  const there = existsSync(target);
  try {
    if (there) renameSync(target, old);
    try {
      renameSync(temporary, target);
    } catch (cause) {
      if (there) renameSync(old, target);
      throw cause;
    }
  } catch (cause) {
    unwritable(target, cause);
  }
  if (there) rmSync(old, { recursive: true, force: true });
}

function refuseForeign(target: string): void {
  const stats = statSync(target, { throwIfNoEntry: false });
  if (stats === undefined) return;
  if (stats.isDirectory() && (readdirSync(target).length === 0 || isOwn(target))) return;
  fail({
    code: 'files-folder-taken',
    at: target,
    message: stats.isDirectory()
      ? `the folder ${target} holds files that modelpress did not make`
      : `${target} is a file; expected a folder or nothing`,
    hint: 'Choose another output folder with -o, or move it away.',
  });
}

function isOwn(folder: string): boolean {
  const inside = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  return ['', ...inside.map((entry) => entry.name)].some((name) =>
    namesModelpress(join(folder, name, 'manifest.json')),
  );
}

function namesModelpress(path: string): boolean {
  if (!existsSync(path)) return false;
  const text = readFileSync(path, 'utf8');
  try {
    JSON.parse(text);
  } catch {
    return false;
  }
  return text.includes('"modelpress"');
}
