import type { Diagnostic } from '../../diagnostics/diagnostic.ts';
import type { Model } from '../../ir/model.ts';
import { fuseActivations } from '../device/fuse-activations.ts';
import { lowerGraph } from '../device/lower-graph.ts';
import { prepareModel, type ShapeBinding } from '../nhwc/prepare-model.ts';
import type { Refusal } from '../nhwc/refusal.ts';
import type { TfjsWeightFormat } from './encode-weight.ts';
import { foldPads } from './fold-pads.ts';
import type { TfjsGraph } from './graph-builder.ts';
import { translateGraph } from './translate-graph.ts';
import { writeGraphModel } from './write-graph-model.ts';

/** How a model becomes one of TensorFlow.js. */
export interface TfjsModelOptions {
  /** What the open dimensions of the inputs are. */
  readonly binding?: ShapeBinding;
  /** How weights are stored. Default float32. */
  readonly weights?: TfjsWeightFormat;
  /** What the names of the files begin with. Default `model`. */
  readonly stem?: string;
}

/** A TensorFlow.js model, or why there is none. */
export type TfjsModel =
  | {
      readonly kind: 'built';
      /** The file to open: the others are its weights. */
      readonly file: string;
      /** Files by name, `file` first. */
      readonly files: ReadonlyMap<string, Uint8Array>;
      /** How often each operator of TensorFlow is used, constants left out. */
      readonly operators: Readonly<Record<string, number>>;
      readonly diagnostics: readonly Diagnostic[];
    }
  | { readonly kind: 'refused'; readonly refused: readonly Refusal[]; readonly diagnostics: readonly Diagnostic[] };

/** A model in TensorFlow's operators, to be written with one or several kinds of weights, or why there is none. */
export type TfjsTranslation =
  | { readonly kind: 'translated'; readonly graph: TfjsGraph; readonly diagnostics: readonly Diagnostic[] }
  | (TfjsModel & { readonly kind: 'refused' });

/**
 * Says a model in operators that TensorFlow.js's wasm backend runs: shapes are fixed, the order of axes assigned and
 * operators given TensorFlow Lite's forms, each of which is then said in TensorFlow's operators. What has no form is
 * refused as a whole with a reason per node.
 *
 * Integers compute in 32 bits, those of int64 too: the ports keep their types.
 */
export function translateToTfjs(source: Model, binding?: ShapeBinding): TfjsTranslation {
  const { model, diagnostics } = prepareModel(source, binding);
  const lowered = lowerGraph(model);
  if (lowered.graph === undefined) return { kind: 'refused', refused: lowered.refused, diagnostics };
  const { graph, refused } = translateGraph(foldPads(fuseActivations(lowered.graph)));
  return graph === undefined ? { kind: 'refused', refused, diagnostics } : { kind: 'translated', graph, diagnostics };
}

/** Converts a model to a TensorFlow.js graph model by `translateToTfjs`. */
export function buildTfjsModel(source: Model, options: TfjsModelOptions = {}): TfjsModel {
  const translation = translateToTfjs(source, options.binding);
  if (translation.kind === 'refused') return translation;
  const { graph, diagnostics } = translation;
  const { weights = 'float32', stem = 'model' } = options;
  const operators: Record<string, number> = {};
  for (const { op } of graph.nodes) if (op !== 'Const') operators[op] = (operators[op] ?? 0) + 1;
  const files = writeGraphModel(graph, { weights, stem, generatedBy: source.producerName || 'unknown' });
  return { kind: 'built', file: `${stem}.json`, files, operators, diagnostics };
}
