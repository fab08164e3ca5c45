import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Diagnostic, note } from '../../../diagnostics/diagnostic.ts';
import { ModelpressError } from '../../../diagnostics/modelpress-error.ts';
import { isQuantized } from '../../../quantize/is-quantized.ts';
import { openLiteRtSession } from '../../../runtime/litert.ts';
import type { DeviceQuantization } from '../../../targets/device/quantize/quantize-tflite.ts';
import type { TfGraph } from '../../../targets/device/tflite/tf-graph.ts';
import { whyRefused } from '../../../targets/nhwc/refusal.ts';
import type { CandidateForm, FormSource } from './candidate-form.ts';
import { fixedShapes } from './fixed-shapes.ts';

/** Of the largest value: float32 sums in another order. */
const FLOAT_AGREES_TO = 1e-4;

/**
 * Of the largest value: Node has no relaxed SIMD and runs another build than most browsers. Sums of floats may differ in
 * their order; results of integers by a few of the 255 steps, where a rounding goes the other way in an early layer.
 */
const SAME_FLOATS = 1e-4;
const SAME_INTEGERS = 0.05;

/** File and description of the form that each mode gives. */
const QUANTIZED: Readonly<Record<DeviceQuantization, Pick<CandidateForm, 'file' | 'precision'>>> = {
  int8: { file: 'model.int8.tflite', precision: 'int8' },
  int16x8: { file: 'model.int16x8.tflite', precision: 'int16 activations, int8 weights' },
  'int8-dynamic': { file: 'model.int8-dynamic.tflite', precision: 'int8, activations as they come' },
  float16: { file: 'model.float16-weights.tflite', precision: 'float16 weights' },
};

/**
 * The .tflite forms of a model to try in LiteRT: float32, and what the options' quantization is called there. Integers stay
 * inside: inputs and outputs are those of the source. A model that TensorFlow Lite cannot express has none.
 */
export const litertForms: FormSource = async ({ float: model, tflite, source }) => {
  const lowering = await tflite.lowered();
  if (lowering.kind === 'refused') {
    const { refused } = lowering.report;
    const { message, notes } = whyRefused(refused, 'TensorFlow Lite');
    return { forms: [], diagnostics: [notOffered(message, notes)] };
  }
  const form = (
    own: Pick<CandidateForm, 'file' | 'precision' | 'agreesTo' | 'sameAnswer'>,
    bytes: Uint8Array,
    graph: TfGraph,
  ): CandidateForm => ({
    ...own,
    runtime: 'litert',
    bytes: bytes.byteLength,
    config: {},
    shapes: fixedShapes(
      graph.inputs.map(({ name, tensor: { shape } }) => ({ name, shape })),
      source.session.inputs,
    ),
    async save(folder) {
      await writeFile(join(folder, own.file), bytes);
      return [own.file];
    },
    open: (folder) => openLiteRtSession(join(folder, own.file)),
  });
  const { bytes, graph } = lowering;
  // Of a model that computes with integers already, roundings differ; its accuracy is measured.
  if (isQuantized(model.graph)) {
    const own = { file: 'model.tflite', precision: 'as given', sameAnswer: SAME_INTEGERS };
    return { forms: [form(own, bytes, graph)], diagnostics: [] };
  }
  const float = { file: 'model.tflite', precision: 'float32', agreesTo: FLOAT_AGREES_TO, sameAnswer: SAME_FLOATS };
  const forms = [form(float, bytes, graph)];
  const diagnostics: Diagnostic[] = [];
  try {
    const quantized = await tflite.quantized();
    if (tflite.mode !== undefined && quantized !== undefined) {
      const own = { ...QUANTIZED[tflite.mode], sameAnswer: SAME_INTEGERS };
      forms.push(form(own, quantized.bytes, quantized.graph));
    }
  } catch (error) {
    if (!(error instanceof ModelpressError)) throw error;
    diagnostics.push(notOffered(error.message));
  }
  return { forms, diagnostics };
};

function notOffered(reason: string, notes: readonly string[] = []): Diagnostic {
  return note({
    code: 'browser-no-tflite',
    message: `the browser artifact does without a .tflite form of the model: ${reason}`,
    notes,
  });
}
