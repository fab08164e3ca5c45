import type { Reporter } from '../diagnostics/diagnostic.ts';
import type { Graph } from '../ir/graph.ts';
import type { Model } from '../ir/model.ts';
import type { Value } from '../ir/value.ts';
import type { PassOptionTable, PassOptionValues } from './pass-option.ts';

/**
 * What a pass may do to the numbers: nothing (`exact`: bit for bit), change the order of roundings (`reassociates`), or
 * give something up on purpose (`lossy`), which asks for an accuracy check.
 */
export type PassEffect = 'exact' | 'reassociates' | 'lossy';

/** The values that a float tensor took on calibration data, after the observer has chosen what to keep. */
export interface ValueRange {
  readonly min: number;
  readonly max: number;
  /** Mean of each channel (axis 1 of what a convolution reads, the last axis of what a matrix product reads), where taken. */
  readonly channelMeans?: Float64Array;
}

/** What a pass may use beside the graph; it knows no runtime and reads no file. */
export interface PassContext<O extends PassOptionTable = PassOptionTable> {
  readonly model: Model;
  readonly options: PassOptionValues<O>;
  /** Seed of every random choice. */
  readonly seed: number;
  /** Ranges of float values on calibration data, for the passes that say `needs: 'ranges'`. */
  readonly ranges: ReadonlyMap<Value, ValueRange>;
  /** Counts something that the pass did: `count('identities removed')`. */
  count(what: string, by?: number): void;
  /** Leaves a warning or a note. */
  readonly report: Reporter;
}

/** A graph pass: takes a graph and changes it through the graph's mutators. Running it twice is running it once. */
export interface Pass<O extends PassOptionTable = PassOptionTable> {
  /** Kebab-case, verb first; the name of its file. */
  readonly name: string;
  /** One line, imperative. */
  readonly summary: string;
  readonly effect: PassEffect;
  readonly options: O;
  /** `each-graph` (default): called for the main graph, then for every nested graph and function body. `model`: called once. */
  readonly scope?: 'each-graph' | 'model';
  readonly needs?: 'ranges';
  run(graph: Graph, context: PassContext<O>): void;
}

/** A pass whose option types have been forgotten, as lists of passes hold it. */
// biome-ignore lint/suspicious/noExplicitAny: the options of different passes have nothing in common
export type AnyPass = Pass<any>;

/** Declares a pass; checks its shape at compile time and infers its option types. */
export function definePass<const O extends PassOptionTable>(pass: Pass<O>): Pass<O> {
  return pass;
}
