import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The project's own folder, the one with package.json, above both the sources and the build. */
export const PROJECT_ROOT = rootAbove(dirname(fileURLToPath(import.meta.url)));

/** The folder of the benchmark suites in the project: their sources and their results. */
export const BENCH_FOLDER = join(PROJECT_ROOT, 'bench');

function rootAbove(start: string): string {
  let folder = start;
  while (!existsSync(join(folder, 'package.json'))) folder = dirname(folder);
  return folder;
}
