import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

/** The folder of real models and data that tests run against where it is there; see `MODELPRESS_ZOO`. */
export const ZOO = resolve(process.env.MODELPRESS_ZOO ?? '../shared/zoo');

export const HAS_ZOO = existsSync(join(ZOO, 'index.json'));

/** What the name of a group of tests says where they are skipped. */
export const ZOO_NOTE = HAS_ZOO ? '' : ` (skipped: no zoo at ${ZOO}; set MODELPRESS_ZOO)`;

/** Names of all models of the zoo. */
export function zooModels(): string[] {
  return HAS_ZOO ? readdirSync(join(ZOO, 'models')).sort() : [];
}

export function zooModel(name: string): string {
  return join(ZOO, 'models', name, 'model.onnx');
}

/** The test data sets of a zoo model, as folders. */
export function zooTestData(name: string): string[] {
  const folder = join(ZOO, 'models', name);
  return readdirSync(folder)
    .filter((entry) => entry.startsWith('test_data_set_'))
    .sort()
    .map((entry) => join(folder, entry));
}

/** One case of the ONNX backend suite. */
export interface BackendCase {
  readonly name: string;
  readonly folder: string;
}

/** The cases of the ONNX backend suite, unpacked once per machine into the temporary folder. */
export function backendCases(): BackendCase[] {
  const archive = join(ZOO, 'onnx-backend-visible.tar.gz');
  if (!existsSync(archive)) return [];
  const { size } = statSync(archive);
  const key = createHash('sha256').update(`${archive} ${size}`).digest('hex').slice(0, 16);
  const root = join(tmpdir(), `modelpress-backend-${key}`);
  if (!existsSync(root)) {
    const partial = `${root}.${process.pid}`;
    mkdirSync(partial, { recursive: true });
    execFileSync('tar', ['-xzf', archive, '-C', partial]);
    try {
      renameSync(partial, root);
    } catch {
      // Another test process was first.
      rmSync(partial, { recursive: true, force: true });
    }
  }
  const cases: BackendCase[] = [];
  const pending = [root];
  for (let folder = pending.pop(); folder !== undefined; folder = pending.pop()) {
    if (existsSync(join(folder, 'model.onnx'))) {
      cases.push({ name: folder.slice(root.length + 1), folder });
    } else {
      for (const entry of readdirSync(folder, { withFileTypes: true }))
        if (entry.isDirectory()) pending.push(join(folder, entry.name));
    }
  }
  return cases.sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** Bytes of the `.pb` files of a test data set, by kind and position. */
export function testDataFiles(folder: string, kind: 'input' | 'output'): Uint8Array[] {
  const files: Uint8Array[] = [];
  for (let i = 0; existsSync(join(folder, `${kind}_${i}.pb`)); i++)
    files.push(readFileSync(join(folder, `${kind}_${i}.pb`)));
  return files;
}
