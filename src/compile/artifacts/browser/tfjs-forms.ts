import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Diagnostic, note } from '../../../diagnostics/diagnostic.ts';
import { fail } from '../../../diagnostics/modelpress-error.ts';
import { isQuantized } from '../../../quantize/is-quantized.ts';
import type { Session } from '../../../runtime/session.ts';
import { openTfjsSession } from '../../../runtime/tfjs.ts';
import { whyRefused } from '../../../targets/nhwc/refusal.ts';
import { translateToTfjs } from '../../../targets/tfjs/build-tfjs-model.ts';
import type { TfjsWeightFormat } from '../../../targets/tfjs/encode-weight.ts';
import { writeGraphModel } from '../../../targets/tfjs/write-graph-model.ts';
import type { ResolvedOptions } from '../../optimize-options.ts';
import type { CandidateForm, FormSource } from './candidate-form.ts';
import { fixedShapes } from './fixed-shapes.ts';

/** Of the largest value: float32 sums in another order. */
const FLOAT_AGREES_TO = 1e-4;

/** Of the largest value: a browser and Node run the same wasm, but the browser may take it in several threads. */
const SAME_ANSWER = 1e-4;

/** Of a model with roundings of its own: an activation that falls on the other side of one is a step of 255 away. */
const SAME_ROUNDINGS = 0.05;

type Own = Pick<CandidateForm, 'precision' | 'agreesTo' | 'sameAnswer' | 'smallerOnly'>;

/** Forms that compute in float32 all the same, with weights that are smaller on their way. */
const SMALLER_DOWNLOADS: readonly {
  readonly weights: TfjsWeightFormat;
  readonly stem: string;
  readonly precision: string;
  /** Modes whose user has agreed to this much rounding. */
  readonly modes: readonly ResolvedOptions['quantize'][];
}[] = [
  {
    weights: 'float16',
    stem: 'model.float16-weights',
    precision: 'float16 weights',
    modes: ['int8', 'int8-dynamic', 'int8-weights', 'float16'],
  },
  {
    weights: 'uint8',
    stem: 'model.uint8-weights',
    precision: 'uint8 weights',
    modes: ['int8', 'int8-dynamic', 'int8-weights'],
  },
];

/**
 * The TensorFlow.js forms of a model to try in its wasm backend, which has no integer kernels: float32, and where the
 * options ask for any loss the same with weights stored in fewer bits. A model that cannot be said in the operators of
 * that backend has none.
 */
export const tfjsForms: FormSource = async ({ float: model, source, tflite, resolved }) => {
  const { shapes } = await tflite.fixed();
  const translation = translateToTfjs(model, { shapes });
  if (translation.kind === 'refused') return { forms: [], diagnostics: [notOffered(translation.refused)] };
  const { graph } = translation;
  const generatedBy = model.producerName || 'unknown';
  const taken = fixedShapes(graph.inputs, source.session.inputs);
  const form = (own: Own, files: ReadonlyMap<string, Uint8Array>): CandidateForm => {
    const paths = [...files.keys()];
    return {
      ...own,
      file: paths[0]!,
      runtime: 'tfjs',
      bytes: bytesOf(files),
      config: {},
      shapes: taken,
      async save(folder) {
        for (const [path, bytes] of files) await writeFile(join(folder, path), bytes);
        return paths;
      },
      open: (folder) => openInWasm(join(folder, paths[0]!)),
    };
  };
  const float = writeGraphModel(graph, { weights: 'float32', stem: 'model', generatedBy });
  if (isQuantized(model.graph)) {
    return { forms: [form({ precision: 'as given', sameAnswer: SAME_ROUNDINGS }, float)], diagnostics: [] };
  }
  const forms = [form({ precision: 'float32', agreesTo: FLOAT_AGREES_TO, sameAnswer: SAME_ANSWER }, float)];
  for (const { weights, stem, precision, modes } of SMALLER_DOWNLOADS) {
    if (!modes.includes(resolved.quantize)) continue;
    const files = writeGraphModel(graph, { weights, stem, generatedBy });
    // A model of small weights only stays as it is.
    if (bytesOf(files) >= bytesOf(float)) continue;
    forms.push(form({ precision, sameAnswer: SAME_ANSWER, smallerOnly: true }, files));
  }
  return { forms, diagnostics: [] };
};

/** The session in wasm alone: where Node lets JavaScript stand in for a kernel, a browser would stop. */
async function openInWasm(path: string): Promise<Session> {
  const session = await openTfjsSession(path, { backend: 'wasm' });
  return {
    runtime: session.runtime,
    inputs: session.inputs,
    outputs: session.outputs,
    async run(feed, wanted) {
      const outputs = await session.run(feed, wanted);
      if (session.backend === 'wasm') return outputs;
      return fail({
        code: 'browser-no-kernel',
        at: path,
        message: "TensorFlow.js's wasm backend lacks a kernel that the model needs",
      });
    },
    close: () => session.close(),
  };
}

function bytesOf(files: ReadonlyMap<string, Uint8Array>): number {
  return [...files.values()].reduce((sum, { byteLength }) => sum + byteLength, 0);
}

function notOffered(refused: readonly { readonly code: string; readonly message: string }[]): Diagnostic {
  const { message, notes } = whyRefused(refused, 'TensorFlow.js');
  return note({
    code: 'browser-no-tfjs',
    message: `the browser artifact does without a TensorFlow.js form of the model: ${message}`,
    notes,
  });
}
