/** An input or output in manifest.json: `shape` holds sizes, symbols, and null where nothing is known. */
export interface ServerPort {
  readonly name: string;
  /** Element type, or `non-tensor`. */
  readonly type: string;
  readonly shape: readonly (number | string | null)[];
}

/**
 * What the server artifact reads of its manifest.json; whatever else the manifest holds is written beside it.
 */
export interface ServerManifest {
  /** `name` appears in URLs; `version` is a whole number from 1. */
  readonly model: { readonly name: string; readonly version: number };
  readonly inputs: readonly ServerPort[];
  readonly outputs: readonly ServerPort[];
  /** What the calibration data spanned, per input: the server reports the share of its inputs outside of it. */
  readonly inputRanges?: Readonly<Record<string, { readonly min: number; readonly max: number }>>;
  /** A shape per input that the model takes, for warming up models whose shapes are open. */
  readonly exampleShapes?: Readonly<Record<string, readonly number[]>>;
}
