import { readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { PASSES } from '../../../../passes/index.ts';
import { saveModelFile } from '../../../files/save-model-file.ts';
import { cloneModel } from '../../../ir/clone.ts';
import { type Model, opsetOf } from '../../../ir/model.ts';
import { OLDEST_OPSET } from '../../../ops/opset-adapters/opset-changes.ts';
import { sizeOf } from '../../../pass/model-size.ts';
import { type PipelineStep, step } from '../../../pass/pipeline.ts';
import { runPipeline } from '../../../pass/run-pipeline.ts';
import { isQuantized } from '../../../quantize/is-quantized.ts';
import { openOrtWebSession } from '../../../runtime/onnxruntime-web.ts';
import type { Session } from '../../../runtime/session.ts';
import type { ResolvedOptions } from '../../optimize-options.ts';
import { INT8_OPSET, SLIM } from '../../presets.ts';
import type { CandidateForm, FormSource } from './candidate-form.ts';

/** What an ONNX form of the model is called, and how onnxruntime-web loads it. */
interface OnnxForm {
  readonly file: string;
  readonly precision: string;
  /** Configuration entries of onnxruntime-web. */
  readonly config: Readonly<Record<string, string>>;
}

/** The float32 form, under this name in the artifact. */
const FLOAT_FILE = 'model.onnx';

/** Of the largest value: both engines run the same wasm, and only its relaxed instructions may round differently. */
const SAME_ANSWER = 1e-5;

/**
 * Lets the runtime turn 8-bit weights into float32 when it loads the model. Without it they would be dequantized anew in
 * every run, for graphs whose activations stay in float32 anyway.
 */
const DEQUANTIZE_AT_LOAD = { 'session.disable_quant_qdq': '1' };

type Mode = ResolvedOptions['quantize'];

/** File and description of the form that each mode gives. */
const QUANTIZED: Readonly<Record<Exclude<Mode, 'none'>, OnnxForm>> = {
  int8: { file: 'model.int8.onnx', precision: 'int8', config: {} },
  'int8-dynamic': { file: 'model.int8-dynamic.onnx', precision: 'int8, activations as they come', config: {} },
  'int8-weights': { file: 'model.int8-weights.onnx', precision: 'int8 weights', config: DEQUANTIZE_AT_LOAD },
  float16: { file: 'model.float16.onnx', precision: 'float16', config: {} },
};

/** Forms that cost no speed in a browser, only rounding: smaller on the way there, float32 once loaded. */
const SMALLER_DOWNLOADS: readonly {
  readonly own: OnnxForm;
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
 * The ONNX forms of a model to try in onnxruntime-web: float32 always, and first; those that only make the download
 * smaller, where the options ask for any loss; and what the options ask for.
 */
export const onnxForms: FormSource = async ({ float, quantized, resolved }) => {
  const { quantize: mode, keepNames, seed } = resolved;
  const variant = (steps: readonly PipelineStep[]): { readonly model: Model; readonly changed: boolean } => {
    const { model } = cloneModel(float);
    const { records } = runPipeline(model, steps, { passes: PASSES, seed, onFailure: 'undo' });
    if (!keepNames) runPipeline(model, SLIM, { passes: PASSES, seed, onFailure: 'undo' });
    return { model, changed: records.some(({ changed }) => changed) };
  };
  const given = isQuantized(float.graph);
  const own = { file: FLOAT_FILE, precision: given ? 'as given' : 'float32', config: {} };
  const forms = [onnxForm(own, variant([]).model, keepNames)];
  if (given) return { forms, diagnostics: [] };
  for (const { own, steps, opset, modes } of SMALLER_DOWNLOADS) {
    if (!modes.includes(mode)) continue;
    // A model without ai.onnx operators, as of trees alone, has no opset to raise.
    const raise =
      float.opsetImports.has('') && opsetOf(float) < opset
        ? [step('convert-opset', { to: Math.max(opset, OLDEST_OPSET) }), step('infer-shapes')]
        : [];
    const raised = variant([...raise, ...steps, step('eliminate-dead-code')]);
    if (raised.changed) forms.push({ ...onnxForm(own, raised.model, keepNames), smallerOnly: true });
  }
  if (mode !== 'none' && quantized !== undefined) forms.push(onnxForm(QUANTIZED[mode], quantized, keepNames));
  return { forms, diagnostics: [] };
};

/** The model as it was given: the wasm build refuses some optimized graphs that other builds take. */
export function givenForm(model: Model): CandidateForm {
  return onnxForm({ file: FLOAT_FILE, precision: 'as given', config: {} }, model, true);
}

function onnxForm(own: OnnxForm, model: Model, keepNames: boolean): CandidateForm {
  return {
    ...own,
    runtime: 'onnxruntime-web',
    bytes: sizeOf(model).bytes,
    shapes: {},
    sameAnswer: SAME_ANSWER,
    async save(folder) {
      const paths = await saveModelFile(model, join(folder, own.file), { debugInfo: keepNames });
      return paths.map((path) => basename(path));
    },
    open: (folder, files) => openInWeb(folder, own, files),
  };
}

async function openInWeb(folder: string, { file, config }: OnnxForm, files: readonly string[]): Promise<Session> {
  if (files.length === 1) return openOrtWebSession(join(folder, file), { config });
  const beside = files.filter((path) => path !== file);
  const external = await Promise.all(beside.map(async (path) => ({ path, data: await readFile(join(folder, path)) })));
  return openOrtWebSession(await readFile(join(folder, file)), { config }, external);
}
