import type { BrowserRuntime } from './runtime-files.ts';

/** An input or output in manifest.json: `shape` holds sizes, symbols, and null where nothing is known. */
export interface BrowserPort {
  readonly name: string;
  /** Element type, or `non-tensor`. */
  readonly type: string;
  readonly shape: readonly (number | string | null)[];
}

/** One way to run the model in a browser. */
export interface BrowserCandidate {
  /** The model file, whose name begins with `model.`. */
  readonly file: string;
  readonly runtime: BrowserRuntime;
  /** How weights and activations are stored, for people. */
  readonly precision: string;
  /** What belongs to the model: `file`, and its external data where it has any. */
  readonly files: readonly string[];
  /** Entries of the runtime's configuration, by their full keys. */
  readonly config: Readonly<Record<string, string>>;
  /** Inputs that the model takes in other shapes too, but this file only in this one. */
  readonly shapes: Readonly<Record<string, readonly number[]>>;
}

/** What the loader and the page read of manifest.json; whatever else the manifest holds is written beside it. */
export interface BrowserManifest {
  readonly model: { readonly name: string; readonly version: number };
  readonly inputs: readonly BrowserPort[];
  readonly outputs: readonly BrowserPort[];
  readonly browser: {
    /** In the order in which the loader tries them. */
    readonly candidates: readonly BrowserCandidate[];
    /** Why the first comes first. */
    readonly choice: string;
  };
}
