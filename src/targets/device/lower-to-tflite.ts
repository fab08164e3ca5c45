import type { Diagnostic } from '../../diagnostics/diagnostic.ts';
import type { Model } from '../../ir/model.ts';
import { prepareModel, type ShapeBinding } from '../nhwc/prepare-model.ts';
import type { Refusal } from '../nhwc/refusal.ts';
import { fuseActivations } from './fuse-activations.ts';
import { storeIntegers } from './integer/store-integers.ts';
import { takeOverIntegers } from './integer/take-over-integers.ts';
import { lowerGraph } from './lower-graph.ts';
import { graphsOf, type TfGraph } from './tflite/tf-graph.ts';
import { writeTflite } from './tflite/write-tflite.ts';
import type { TransposeRecord } from './value-store.ts';

/** How a model becomes a .tflite file. */
export interface LowerOptions {
  /** What the open dimensions of the inputs are. */
  readonly binding?: ShapeBinding;
  /** Whether operators that the model quantizes compute with integers; else in float, between the same roundings. Default true. */
  readonly integers?: boolean;
}

/** What lowering did. */
export interface LoweringReport {
  readonly refused: readonly Refusal[];
  /** Tensors that are moved in memory, with the reason; moves that the model itself asks for are not listed. */
  readonly transposes: readonly TransposeRecord[];
  /** How often each operator of TensorFlow Lite is used. */
  readonly operators: Readonly<Record<string, number>>;
  readonly diagnostics: readonly Diagnostic[];
}

export type Lowering =
  | {
      readonly kind: 'lowered';
      readonly bytes: Uint8Array;
      /** What the file computes; float constants that it stores in 8 bits stand here as floats. */
      readonly graph: TfGraph;
      readonly report: LoweringReport;
    }
  | { readonly kind: 'refused'; readonly report: LoweringReport };

/**
 * Converts a model to TensorFlow Lite: shapes are fixed, the order of axes assigned, every operator given its form and
 * the file written. What has no form is refused as a whole with a reason per node; nothing is approximated silently.
 */
export function lowerToTflite(source: Model, options: LowerOptions = {}): Lowering {
  const { model, integers, diagnostics } = prepareModel(source, options.binding);
  const lowered = lowerGraph(model, integers);
  const { refused, transposes } = lowered;
  if (lowered.graph === undefined) {
    return { kind: 'refused', report: { refused, transposes, operators: {}, diagnostics } };
  }
  const float = fuseActivations(lowered.graph);
  const graph = options.integers === false ? float : takeOverIntegers(float);
  const stored = storeIntegers(graph);
  const bytes = writeTflite(stored, { description: describe(source) });
  const operators: Record<string, number> = {};
  for (const each of graphsOf(stored))
    for (const { name } of each.operators) operators[name] = (operators[name] ?? 0) + 1;
  return { kind: 'lowered', bytes, graph, report: { refused, transposes, operators, diagnostics } };
}

function describe(model: Model): string {
  return [model.graph.name || 'model', model.producerName && `from ${model.producerName}`].filter(Boolean).join(' ');
}
