import { type Diagnostic, warning } from '../diagnostics/diagnostic.ts';
import { openModelFile } from '../files/open-model-file.ts';
import type { SpillFile } from '../files/spill-file.ts';
import type { Model } from '../ir/model.ts';
import { sizeOf } from '../pass/model-size.ts';
import { formatBytes } from '../report/format-figures.ts';
import { openOrtSession } from '../runtime/onnxruntime-node.ts';
import { openPartSession } from '../runtime/open-part-session.ts';
import { rememberAnswers } from '../runtime/remember-answers.ts';
import type { Session, SessionOptions } from '../runtime/session.ts';
import type { ResolvedOptions, TargetName } from './optimize-options.ts';

/** Whether a model is never to be held as a whole, by the limit that the options set on its weights. */
export function isLarge(model: Model, { wholeModelLimit }: Pick<ResolvedOptions, 'wholeModelLimit'>): boolean {
  return sizeOf(model).bytes > wholeModelLimit;
}

/** Has the weights that passes make of a model, and of its copies, put into a file instead of memory. */
export function spillWeights(model: Model, { keep }: SpillFile): void {
  for (const { graph } of [model, ...model.functions]) graph.keepTensor = keep;
}

/**
 * Answers of a large model that are kept: those to the few samples that are made up, which the check and the validation
 * both ask for.
 */
const REMEMBERED = 4;

/** Opens the source of a run: as a whole, or part by part where it is large. */
export async function openSource(model: Model, path: string, large: boolean): Promise<Session> {
  if (!large) return openOrtSession(path);
  return rememberAnswers(openPartSession(model, { optimization: 'disabled' }), REMEMBERED);
}

/** Opens a model file that a run has written: as a whole, or part by part where it is large. */
export async function openResult(path: string, large: boolean, options: SessionOptions = {}): Promise<Session> {
  return large ? openPartSession(await openModelFile(path), options) : openOrtSession(path, options);
}

/** What a run on a large model leaves out, said once. */
export function largeModelWarning(model: Model, options: ResolvedOptions): Diagnostic {
  const { bytes } = sizeOf(model);
  return warning({
    code: 'large-model',
    message: `the model has ${formatBytes(bytes)} of weights, more than the ${formatBytes(options.wholeModelLimit)} that are loaded as a whole: it was compared and validated part by part`,
    at: model.graph.name,
    notes: notDone(options),
    hint: 'With memory for about three times its size, raise --whole-model-limit.',
  });
}

function notDone({ measure, quantize, target }: ResolvedOptions): string[] {
  const notes = ["the runtime's own rewrites across parts were not tried"];
  if (measure) notes.push('latency and memory were not measured');
  notes.push('of files above 512 MB compressed sizes are estimated from 64 MB of each');
  if (quantize === 'int8') notes.push('int8 was not held to --min-sqnr');
  if (!target.includes('server')) return notes;
  notes.push('model.ort was not made', 'the serving program was not started with the model');
  if (quantize.startsWith('int8')) notes.push('which kernels run in int8 was not proven');
  return notes;
}

/** Why a target cannot be made of a large model. */
export const LARGE_MODEL_REFUSALS: Readonly<Record<Exclude<TargetName, 'server'>, string>> = {
  browser: 'a browser tab cannot hold a model of this size',
  device: 'a TensorFlow Lite file ends at 2 GB, and a device of this kind cannot hold the model',
};
