import type { BrowserManifest, BrowserPort } from './browser-manifest.ts';

/** How the elements of each type are held, as TypeScript writes it. */
const HOLDERS: Readonly<Record<string, string>> = {
  float32: 'Float32Array',
  float64: 'Float64Array',
  float16: 'Uint16Array',
  int8: 'Int8Array',
  uint8: 'Uint8Array',
  int16: 'Int16Array',
  uint16: 'Uint16Array',
  int32: 'Int32Array',
  uint32: 'Uint32Array',
  int64: 'BigInt64Array',
  uint64: 'BigUint64Array',
  bool: 'Uint8Array',
  string: 'string[]',
};

/** What may be given as an array of plain values beside the typed array. */
const PLAIN: Readonly<Record<string, string>> = {
  float16: '',
  string: '',
  int64: 'readonly (bigint | number)[]',
  uint64: 'readonly (bigint | number)[]',
  bool: 'readonly (boolean | number)[]',
};

/** The artifact's modelpress.d.ts: the loader's types, with this model's inputs and outputs by name. */
export function loaderDeclarations(manifest: BrowserManifest): string {
  const { model, inputs, outputs, browser } = manifest;
  const files = browser.candidates.map(({ file }) => JSON.stringify(file)).join(' | ');
  return `/** The loader of ${model.name}, version ${model.version}. */

/** A tensor: float16 as bit patterns, bool as 0 and 1. */
export interface Tensor<Data> {
  readonly type: string;
  readonly dims: readonly number[];
  readonly data: Data;
}

/** An input's value: its elements where the shape follows from their number, or with their dimensions. */
export type FeedValue<Data> = Data | { readonly data: Data; readonly dims?: readonly number[] };

/** The model's inputs. */
export interface Feeds {
${inputs.map((port) => `${described(port)}  readonly ${JSON.stringify(port.name)}: FeedValue<${given(port)}>;`).join('\n')}
}

/** The model's outputs. */
export interface Outputs {
${outputs
  .filter(({ type }) => type !== 'non-tensor')
  .map((port) => `${described(port)}  readonly ${JSON.stringify(port.name)}: Tensor<${holder(port)}>;`)
  .join('\n')}
}

/** The model files, in the order in which they are tried. */
export type ModelFile = ${files};

export interface LoadOptions {
  /** The model file to load. Default: the first that loads, in the order of manifest.json. */
  file?: ModelFile;
  /** Threads. Default: as the runtime sees fit where the page is cross-origin isolated, else 1. */
  threads?: number;
  /** Keep the files in Cache Storage, for the next visit and for use without a network. Default true. */
  cache?: boolean;
  /** Compare the files with the sha256 in manifest.json. Default true. */
  verify?: boolean;
}

/** Why a model file was passed over. */
export interface Failure {
  readonly file: string;
  readonly code: string;
  readonly message: string;
}

export interface Port {
  readonly name: string;
  readonly type: string;
  /** Sizes, names of open sizes, and null for unknown ones. */
  readonly shape: readonly (number | string | null)[];
}

/** A loaded model, in a thread of its own. */
export interface Model {
  readonly name: string;
  readonly version: number;
  /** The model file that was loaded. */
  readonly file: string;
  readonly runtime: string;
  readonly precision: string;
  readonly inputs: readonly Port[];
  readonly outputs: readonly string[];
  /** The model files that were tried before this one and did not load. */
  readonly failures: readonly Failure[];
  /**
   * Runs the model once. Where the loaded file does not take the shape of an input, loads the next one that does, and runs
   * that. Throws LoadError.
   */
  predict(feeds: Feeds): Promise<Outputs>;
  /** Ends the model's thread, which frees its memory. */
  dispose(): void;
}

/** What stopped loading or a prediction; \`code\` is stable. */
export declare class LoadError extends Error {
  readonly code: string;
}

/** Loads the model: the file that manifest.json names first, and where that fails the next. Throws LoadError. */
export declare function load(options?: LoadOptions): Promise<Model>;

/** Keeps the page and the loader usable without a network. Tells whether this browser and this page allow it. */
export declare function keepOffline(): Promise<boolean>;
`;
}

function described({ type, shape }: BrowserPort): string {
  return `  /** ${type}[${shape.map((size) => size ?? '?').join(', ')}] */\n`.replaceAll('*/ ', '* / ');
}

function holder({ type }: BrowserPort): string {
  return HOLDERS[type] ?? 'never';
}

function given(port: BrowserPort): string {
  const plain = PLAIN[port.type] ?? 'readonly number[]';
  return plain === '' ? holder(port) : `${holder(port)} | ${plain}`;
}
