import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  type Stats,
  statSync,
} from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { fail } from '../diagnostics/modelpress-error.ts';
import { unwritable } from './write-file-atomically.ts';

/**
 * Fills a folder as a whole: `write` gets a temporary folder beside it, which takes the place of `path` when it is done,
 * and another for files of its own, which goes then.
 * When it throws, or the folder cannot be written, `path` is as it was and nothing is left beside it.
 *
 * An existing folder is replaced only if it is empty or was made by modelpress, which shows in a `manifest.json` that
 * names it, there or in a folder directly inside.
 *
 * @returns what `write` returned.
 * @throws ModelpressError `files-folder-taken`, `files-unwritable`, and whatever `write` throws.
 */
export async function writeFolderAtomically<T>(
  path: string,
  write: (temporary: string, scratch: string) => Promise<T>,
): Promise<T> {
  const target = resolve(path);
  refuseForeign(target);
  const parent = dirname(target);
  let made: string | undefined;
  let holder: string | undefined;
  let result: T;
  try {
    made = mkdirSync(parent, { recursive: true });
    holder = mkdtempSync(join(parent, `.${basename(target)}.partial-`));
    const temporary = join(holder, 'new');
    const scratch = join(holder, 'scratch');
    mkdirSync(temporary);
    mkdirSync(scratch);
    result = await write(temporary, scratch);
    refuseForeign(target);
    replace(target, temporary, join(holder, 'old'));
  } catch (cause) {
    // `made` is the outermost of the folders that were made to hold the target.
    const left = made ?? holder;
    if (left !== undefined) rmSync(left, { recursive: true, force: true });
    if (holder === undefined) return unwritable(path, cause);
    throw cause;
  }
  rmSync(holder, { recursive: true, force: true });
  return result;
}

/** Puts `temporary` in the place of `target`; what stood there is moved to `old`, and back if that fails. */
function replace(target: string, temporary: string, old: string): void {
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
}

function refuseForeign(target: string): void {
  const stats = statusOf(target);
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

/** What stands at a path; nothing if there is nothing. A path below a file cannot be written, which it throws. */
function statusOf(path: string): Stats | undefined {
  try {
    return statSync(path, { throwIfNoEntry: false });
  } catch (cause) {
    return unwritable(path, cause);
  }
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
