import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { judgeBatching, warmUp } from './batch-proof.mjs';
import { MODEL_FILES, readManifest, verifyModelFiles } from './manifest.mjs';
import { notFound, unavailable } from './request-error.mjs';

/** @import { BatchVerdict } from './batch-proof.mjs' */
/** @import { InferencePool } from './inference-pool.mjs' */
/** @import { ModelPorts } from './inference-worker.mjs' */
/** @import { Manifest } from './manifest.mjs' */
/** @import { Scheduler } from './scheduler.mjs' */

/**
 * A version that answers requests. `key` names it in the workers; `sha256` is undefined where no manifest tells it.
 *
 * @typedef {object} LoadedModel
 * @property {string} key
 * @property {number} version
 * @property {ModelPorts} ports
 * @property {Manifest | undefined} manifest
 * @property {string | undefined} sha256
 * @property {BatchVerdict} batching
 * @property {string | undefined} coldReason why the model could not be warmed up
 *
 * The states of TensorFlow Serving's ModelVersionStatus.
 * @typedef {{ version: number } & (
 *   | { state: 'LOADING' | 'UNLOADING' }
 *   | { state: 'AVAILABLE', model: LoadedModel }
 *   | { state: 'END', error: string }
 * )} VersionEntry
 *
 * @typedef {object} ModelVersions
 * @property {string} name
 * @property {() => VersionEntry[]} list newest first
 * @property {() => LoadedModel | undefined} newest of those available
 * @property {(version?: number) => LoadedModel} pick throws a 404 or 503
 * @property {() => Promise<{ version: number, error: string }[]>} rescan loads what was added, drops what was removed,
 *   and returns what could not be loaded
 */

/**
 * The versions of the served model: the one beside the program and those in numbered folders of `versionsDir`. The
 * highest number that is available is the default.
 *
 * @param {{ name: string, root: string, rootVersion: number, versionsDir: string, format: 'onnx' | 'ort',
 *   batching: 'auto' | 'on' | 'off', pool: InferencePool, scheduler: Scheduler,
 *   onChange: (entry: VersionEntry) => void }} options
 * @returns {ModelVersions}
 */
export function createModelVersions(options) {
  const { name, root, rootVersion, versionsDir, pool, scheduler, onChange } = options;
  /** @type {Map<number, VersionEntry>} */
  const entries = new Map();
  let loads = 0;
  /** @type {Promise<unknown>} */
  let lastScan = Promise.resolve();

  const list = () => [...entries.values()].sort((a, b) => b.version - a.version);
  const available = () => list().flatMap((entry) => (entry.state === 'AVAILABLE' ? [entry.model] : []));

  /** @param {VersionEntry} entry */
  const set = (entry) => {
    entries.set(entry.version, entry);
    onChange(entry);
  };

  /** @param {number} version @param {string} folder */
  const add = async (version, folder) => {
    if (entries.get(version)?.state !== 'END') set({ version, state: 'LOADING' });
    const key = `${version}#${loads++}`;
    try {
      set({ version, state: 'AVAILABLE', model: await loadVersion(version, folder, key, options) });
      return undefined;
    } catch (caught) {
      await pool.unload(key);
      const error = caught instanceof Error ? caught.message : String(caught);
      const before = entries.get(version);
      if (before?.state !== 'END' || before.error !== error) set({ version, state: 'END', error });
      return { version, error };
    }
  };

  /** @param {LoadedModel} model */
  const remove = async ({ version, key }) => {
    set({ version, state: 'UNLOADING' });
    await scheduler.whenDone(key);
    await pool.unload(key);
    entries.delete(version);
  };

  const scan = async () => {
    const folders = await findFolders(versionsDir);
    if (folders.has(rootVersion)) {
      return [{ version: rootVersion, error: `version ${rootVersion} is both in ${root} and in ${versionsDir}` }];
    }
    folders.set(rootVersion, root);
    for (const entry of list()) {
      if (folders.has(entry.version)) continue;
      if (entry.state === 'AVAILABLE') await remove(entry.model);
      else entries.delete(entry.version);
    }
    const failures = [];
    for (const [version, folder] of [...folders].sort(([a], [b]) => a - b)) {
      if (entries.get(version)?.state === 'AVAILABLE') continue;
      const failure = await add(version, folder);
      if (failure !== undefined) failures.push(failure);
    }
    return failures;
  };

  return {
    name,
    list,
    newest: () => available()[0],
    pick: (version) => {
      const models = available();
      const model = version === undefined ? models[0] : models.find((other) => other.version === version);
      if (model !== undefined) return model;
      const entry = version === undefined ? list()[0] : entries.get(version);
      if (entry?.state === 'LOADING' || (version === undefined && entry === undefined)) {
        throw unavailable(`model "${name}" is still loading`);
      }
      const numbers = models.map((other) => other.version).join(', ');
      throw notFound(`model "${name}" has no version ${version ?? ''} available; available: ${numbers || 'none'}`);
    },
    rescan: () => {
      const scanned = lastScan.then(scan, scan);
      lastScan = scanned;
      return scanned;
    },
  };
}

/**
 * @param {string} versionsDir
 * @returns {Promise<Map<number, string>>} folders by their number
 */
async function findFolders(versionsDir) {
  /** @type {Map<number, string>} */
  const folders = new Map();
  const names = await readdir(versionsDir).catch((error) => {
    if (error.code === 'ENOENT') return /** @type {string[]} */ ([]);
    throw error;
  });
  for (const name of names) {
    const path = join(versionsDir, name);
    if (/^[1-9]\d{0,14}$/.test(name) && (await stat(path)).isDirectory()) folders.set(Number(name), path);
  }
  return folders;
}

/**
 * @param {number} version
 * @param {string} folder
 * @param {string} key
 * @param {{ name: string, format: 'onnx' | 'ort', batching: 'auto' | 'on' | 'off', pool: InferencePool }} options
 * @returns {Promise<LoadedModel>}
 */
async function loadVersion(version, folder, key, { name, format, batching: mode, pool }) {
  const manifest = await readManifest(folder);
  if (manifest !== undefined && manifest.model.name !== name) {
    throw new Error(`${folder} holds model "${manifest.model.name}", this server serves "${name}"`);
  }
  const modelFile = await findModelFile(folder, format);
  const sha256 = manifest === undefined ? undefined : await verifyModelFiles(folder, manifest, modelFile);
  const ports = await pool.load(key, join(folder, modelFile));
  const warm = await warmUp(pool, key, ports, manifest);
  const open = 'open' in warm ? warm.open : undefined;
  const batching = await judgeBatching(pool, key, ports, { mode, open, hints: manifest });
  return { key, version, ports, manifest, sha256, batching, coldReason: 'failure' in warm ? warm.failure : undefined };
}

/**
 * @param {string} folder
 * @param {'onnx' | 'ort'} format the preferred one
 */
async function findModelFile(folder, format) {
  const present = (await readdir(folder)).filter((name) => MODEL_FILES.includes(name));
  const [model] = present.includes(`model.${format}`) ? [`model.${format}`] : present;
  if (model === undefined) throw new Error(`${folder} holds no ${MODEL_FILES.join(' or ')}`);
  return model;
}
