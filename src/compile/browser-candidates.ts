import { PASSES } from '../../passes/index.ts';
import { cloneModel } from '../ir/clone.ts';
import { type Model, opsetOf } from '../ir/model.ts';
import { type PipelineStep, step } from '../pass/pipeline.ts';
import { runPipeline } from '../pass/run-pipeline.ts';
import { isQuantized } from '../quantize/is-quantized.ts';
import type { ResolvedOptions } from './optimize-options.ts';
import { INT8_OPSET, SLIM } from './presets.ts';

/** A form of the model that the browser artifact may take. */
export interface BrowserCandidateModel {
  readonly file: string;
  /** How weights and activations are stored, for people. */
  readonly precision: string;
  readonly model: Model;
  /** Configuration entries of onnxruntime-web to load it with. */
  readonly config: Readonly<Record<string, string>>;
}

/** The float32 form, which every other one is measured against; under this name in the artifact. */
export const FLOAT_FILE = 'model.onnx';

/**
 * Lets the runtime turn 8-bit weights into float32 when it loads the model. Without it they would be dequantized anew in
 * every run, for graphs whose activations stay in float32 anyway.
 */
const DEQUANTIZE_AT_LOAD = { 'session.disable_quant_qdq': '1' };

type Mode = ResolvedOptions['quantize'];

/** File and description of the form that each mode gives. */
const QUANTIZED: Readonly<Record<Exclude<Mode, 'none'>, Omit<BrowserCandidateModel, 'model'>>> = {
  int8: { file: 'model.int8.onnx', precision: 'int8', config: {} },
  'int8-dynamic': { file: 'model.int8-dynamic.onnx', precision: 'int8, activations as they come', config: {} },
  'int8-weights': { file: 'model.int8-weights.onnx', precision: 'int8 weights', config: DEQUANTIZE_AT_LOAD },
  float16: { file: 'model.float16.onnx', precision: 'float16', config: {} },
};

/** Forms that cost no speed in a browser, only rounding: smaller on the way there, float32 once loaded. */
const SMALLER_DOWNLOADS: readonly {
  readonly own: Omit<BrowserCandidateModel, 'model'>;
  readonly steps: readonly PipelineStep[];
  /** The opset that the steps need; an older model is raised to it. */
  readonly opset: number;
  /** Modes whose user has agreed to this much rounding. */
  readonly modes: readonly Mode[];
}[] = [
  {
    own: { file: 'model.float16-weights.onnx', precision: 'float16 weights', config: {} },
    steps: [step('convert-weights-float16')],
    // Cast takes its type as a number from here on.
    opset: 6,
    modes: ['int8', 'int8-dynamic', 'int8-weights', 'float16'],
  },
  {
    own: QUANTIZED['int8-weights'],
    steps: [step('quantize-weights')],
    opset: INT8_OPSET,
    modes: ['int8', 'int8-dynamic'],
  },
];

/**
 * The forms of a model to try in a browser: float32 always; what the options ask for; and, where they ask for any loss,
 * those that only make the download smaller.
 *
 * @param float the cleaned and pruned model before quantization; stays as it is.
 * @param quantized what the options made of it; undefined where that is nothing.
 */
export function browserCandidates(
  float: Model,
  quantized: Model | undefined,
  { quantize: mode, keepNames, seed }: Pick<ResolvedOptions, 'quantize' | 'keepNames' | 'seed'>,
): readonly BrowserCandidateModel[] {
  const variant = (steps: readonly PipelineStep[]): { readonly model: Model; readonly changed: boolean } => {
    const { model } = cloneModel(float);
    const { records } = runPipeline(model, steps, { passes: PASSES, seed, onFailure: 'undo' });
    if (!keepNames) runPipeline(model, SLIM, { passes: PASSES, seed, onFailure: 'undo' });
    return { model, changed: records.some(({ changed }) => changed) };
  };
  const given = isQuantized(float.graph);
  const candidates: BrowserCandidateModel[] = [
    { file: FLOAT_FILE, precision: given ? 'as given' : 'float32', model: variant([]).model, config: {} },
  ];
  if (given) return candidates;
  for (const { own, steps, opset, modes } of SMALLER_DOWNLOADS) {
    if (!modes.includes(mode)) continue;
    const raise = opsetOf(float) < opset ? [step('convert-opset', { to: opset }), step('infer-shapes')] : [];
    const raised = variant([...raise, ...steps, step('eliminate-dead-code')]);
    if (raised.changed) candidates.push({ ...own, model: raised.model });
  }
  if (mode !== 'none' && quantized !== undefined) candidates.push({ ...QUANTIZED[mode], model: quantized });
  return candidates;
}
