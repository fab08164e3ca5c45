import type { Diagnostic } from '../diagnostics/diagnostic.ts';

/** What can be told of a model without running it. Plain values, as JSON holds them. */
export interface Inspection {
  readonly name: string;
  /** The files that it was read from; null where it came from none. */
  readonly files: { readonly paths: readonly string[]; readonly bytes: number } | null;
  readonly irVersion: number;
  /** Operator-set version by domain. */
  readonly opset: Readonly<Record<string, number>>;
  readonly producer: string;
  readonly modelVersion: string;
  readonly inputs: readonly InspectedPort[];
  readonly outputs: readonly InspectedPort[];
  /** Nodes of the main graph and of those nested in it; those of local functions are not counted. */
  readonly nodes: number;
  readonly functions: number;
  /** Most frequent first. */
  readonly operators: readonly OperatorCount[];
  readonly weights: WeightSummary;
  readonly compute: ComputeSummary;
  readonly activations: ActivationSummary;
  /** The sizes that the model leaves open, and what they were taken for. */
  readonly dynamicDimensions: readonly DynamicDimension[];
  readonly int8: Int8Outlook;
  /** What of it has a form in TensorFlow Lite; null where that was not asked for. */
  readonly device: DeviceOutlook | null;
  /** What looks wrong, wasteful or surprising. */
  readonly findings: readonly Diagnostic[];
}

export interface InspectedPort {
  readonly name: string;
  /** Element type of a tensor, else the type as text: `seq(float32[N])`. */
  readonly type: string;
  /** Sizes, symbols, and null for what is open; null as a whole where the rank is not known or it is no tensor. */
  readonly shape: readonly (number | string | null)[] | null;
  /** Whether the model brings a value of its own for this input. */
  readonly optional: boolean;
}

export interface OperatorCount {
  readonly domain: string;
  readonly op: string;
  readonly count: number;
}

/** Constants in initializers and in attributes, each tensor once. */
export interface WeightSummary {
  /** Elements. */
  readonly parameters: number;
  readonly bytes: number;
  /** Largest first. */
  readonly byType: readonly { readonly type: string; readonly tensors: number; readonly bytes: number }[];
}

/** Multiply-accumulates of one run under the sizes of `dynamicDimensions`. */
export interface ComputeSummary {
  readonly macs: number;
  /** Nodes that multiply and accumulate but whose sizes are not known; they are not in `macs`. */
  readonly unknownNodes: number;
  /** The nodes that take most, largest first. */
  readonly largest: readonly { readonly node: string; readonly op: string; readonly macs: number }[];
}

/** Memory of what the main graph computes under the sizes of `dynamicDimensions`, in bytes. */
export interface ActivationSummary {
  /** Most that is alive at once, inputs included, when nodes run in order and no memory is shared. */
  readonly peakBytes: number;
  readonly totalBytes: number;
  /** Values whose size is not known; they count as nothing. */
  readonly unknownValues: number;
}

export interface DynamicDimension {
  readonly symbol: string;
  /** What it was counted as. */
  readonly size: number;
  /** Whether that was said, or is the 1 that stands for anything. */
  readonly given: boolean;
  /** Where inputs have it, as `input[0]`. */
  readonly at: readonly string[];
}

/** What `--quantize int8` would do with the model. */
export interface Int8Outlook {
  /** Nodes that would run in 8 bits, by operator, after the graph has been prepared. */
  readonly quantized: Readonly<Record<string, number>>;
  /** Share of the multiply-accumulates that are in these nodes, 0 to 1; null where there are none. */
  readonly macShare: number | null;
  /** Nodes that would stay in floating point and matter, with the reason. */
  readonly kept: readonly {
    readonly node: string;
    readonly op: string;
    readonly code: string;
    readonly reason: string;
  }[];
  /** Why nothing would be quantized; null where something would. */
  readonly skipped: string | null;
}

/** What `--target device` would do with the model, for the sizes of `dynamicDimensions`. */
export interface DeviceOutlook {
  /** Nodes by operator once the graph has been prepared for these sizes, most frequent first. */
  readonly operators: readonly { readonly operator: string; readonly nodes: number; readonly known: boolean }[];
  /** Each node that stands in the way, why, and what can be done; empty where the model can be converted. */
  readonly refused: readonly {
    readonly code: string;
    readonly at: string;
    readonly message: string;
    readonly hint: string;
  }[];
}
