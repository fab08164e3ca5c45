import { type PipelineStep, step } from '../../pass/pipeline.ts';
import type { QuantSchemeName } from '../../quantize/quant-scheme.ts';
import type { Int8Choice } from '../../tune/tune-int8.ts';
import { type ResolvedOptions, runtimeOf } from '../optimize-options.ts';
import { withOptions } from '../with-options.ts';

/** What of `QUANTIZED_DYNAMICALLY` is not ai.onnx's, so that only ONNX Runtime knows it once it is quantized. */
const MICROSOFT_ONLY = 'LSTM';

/** Layers that are quantized anew in every run where they cannot be statically: in loops and branches, and recurrent ones. */
const QUANTIZED_DYNAMICALLY = ['MatMul', 'Gemm', MICROSOFT_ONLY];

/**
 * Operators whose weights in 8 bits cost next to no speed: of a table only the rows that are picked are dequantized, a
 * MatMul has a kernel for such weights, and a ConvTranspose meets each weight so often that dequantizing does not count.
 */
const FREE_TO_STORE = ['Gather', 'MatMul', 'ConvTranspose'];

/**
 * The steps that quantize a prepared model statically, and what has no static kernels as well as it can be.
 *
 * @param choice what stays in float32 or is quantized dynamically, beside what the options exclude.
 */
export function int8Steps(
  resolved: ResolvedOptions,
  scheme: QuantSchemeName,
  { floats, dynamic }: Int8Choice = { floats: [], dynamic: [] },
): readonly PipelineStep[] {
  const { perChannel, prefer, quantizeExclude: exclude } = resolved;
  const own = (one: PipelineStep, others: readonly string[] = floats): PipelineStep =>
    excluding(withOptions(one, resolved.passOptions), others);
  const operators = QUANTIZED_DYNAMICALLY.filter((op) => op !== MICROSOFT_ONLY || runtimeOf(resolved) !== 'generic');
  return [
    own(step('quantize-int8', { scheme, perChannel, exclude }), [...floats, ...dynamic]),
    own(step('quantize-dynamic', { operators, perChannel, exclude })),
    own(step('quantize-weights', { exclude, ...(prefer === 'speed' && { operators: FREE_TO_STORE }) })),
    step('eliminate-dead-code'),
    step('dedupe-constants'),
  ];
}

/** A step that leaves more nodes alone; its own list may be text, as a command line gives it. */
function excluding(one: PipelineStep, floats: readonly string[]): PipelineStep {
  if (one.kind === 'fixpoint' || floats.length === 0) return one;
  const { exclude = [] } = one.options;
  const given = typeof exclude === 'string' ? exclude.split('|') : (exclude as readonly string[]);
  return { ...one, options: { ...one.options, exclude: [...given, ...floats] } };
}
