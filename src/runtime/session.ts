import type { DataType } from '../ir/dtype.ts';
import type { Tensor } from '../ir/tensor.ts';

/** The runtimes that modelpress runs models in. */
export type RuntimeName = 'onnxruntime-node' | 'onnxruntime-web' | 'litert' | 'tfjs';

/** One input or output as the runtime declares it; a dimension is a number, a name, or unknown. */
export interface Port {
  readonly name: string;
  readonly dtype: DataType | 'non-tensor';
  readonly dims: readonly (number | string | undefined)[];
}

/** What a runtime gives back for an output that is no dense tensor (sequences, maps), as plain JavaScript values. */
export interface NonTensor {
  readonly kind: 'non-tensor';
  readonly value: unknown;
}

export type OutputValue = Tensor | NonTensor;

/** A model loaded in a runtime, ready to run. Call `close` when done; a closed session refuses to run. */
export interface Session {
  readonly runtime: RuntimeName;
  readonly inputs: readonly Port[];
  readonly outputs: readonly Port[];
  /** Runs once. `feed` holds every input; `wanted` limits which outputs are computed. */
  run(feed: ReadonlyMap<string, Tensor>, wanted?: readonly string[]): Promise<ReadonlyMap<string, OutputValue>>;
  close(): Promise<void>;
}

/** How to load a model. */
export interface SessionOptions {
  /** Threads within an operator. Default 1. */
  readonly threads?: number;
  /** The runtime's own graph optimization. Default `all`. */
  readonly optimization?: 'disabled' | 'basic' | 'extended' | 'all';
  /** Leave no line on stderr of a run that fails, which is only tried out. */
  readonly quiet?: boolean;
  /** Where ONNX Runtime leaves the graph that it really runs (`.onnx`, or `.ort` for the ORT format). */
  readonly optimizedModelPath?: string;
  /**
   * Whether the runtime keeps the memory of a run for the next one, in an arena of the session. Default true. The arena
   * lives until the last output of the session is collected as garbage.
   */
  readonly arena?: boolean;
  /** External data of a model that is given as bytes: what it names as the location, and what lies there. */
  readonly externalData?: { readonly location: string; readonly bytes: Uint8Array };
}
