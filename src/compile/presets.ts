import { type Model, opsetOf } from '../ir/model.ts';
import { fixpoint, type PipelineStep, step, withoutPasses } from '../pass/pipeline.ts';
import type { GraphRuntime } from './optimize-options.ts';

/** Rounds after which a graph that still changes is taken as it is; real models settle in two or three. */
const MAX_ROUNDS = 6;

/**
 * What is done to every model: nothing that changes its results beyond the order of roundings.
 */
export const CLEAN: readonly PipelineStep[] = [
  // Everything below relies on proven types; the file's own claims are not believed.
  step('infer-shapes'),
  // One form for constants, so that rules need not know two.
  step('lift-constants'),
  // Nothing at inference; in the way of every pattern.
  step('eliminate-identity'),
  step('eliminate-dropout'),
  fixpoint(
    MAX_ROUNDS,
    // Shape arithmetic and frozen sub-expressions become constants, which makes the rules below apply.
    step('fold-constants'),
    step('fold-shape-arithmetic'),
    step('fold-if'),
    // Exporters write one If per value and ask for the same thing several times.
    step('canonicalize-if'),
    step('fuse-ifs'),
    // A loop of one trip is none; more of them would only make the graph longer.
    step('unroll-loops', { maxTrips: 1 }),
    // Few runtimes know sequences, and most of them hold what is known.
    step('fold-sequences'),
    step('canonicalize-reshape'),
    step('eliminate-no-ops'),
    // Exporters write broadcasting out.
    step('eliminate-expands'),
    step('eliminate-zero-add'),
    // What exporters compute the first states of recurrent layers with is often most of what is left.
    step('eliminate-zero-states'),
    // Counters beside the one that a loop has itself.
    step('eliminate-dead-states'),
    // Models that are quantized already: saturation cuts at the same place.
    step('eliminate-redundant-activations'),
    // Normalizations as runtimes look for them.
    step('fuse-reciprocals'),
    // One node for up to nine, with a kernel of its own; the opset goes up, to 23 at most, where it lacks the operator.
    step('convert-opset-as-needed'),
    step('fuse-layer-normalization'),
    step('fuse-rms-normalization'),
    step('fuse-gelu'),
    // The same where every opset has the operator.
    step('fuse-instance-normalization'),
    step('fuse-softmax'),
    step('fuse-activations'),
    // What spectrograms and scores are scaled by, one number after the other.
    step('fuse-scalar-arithmetic'),
    step('fuse-depth-to-space'),
    step('fuse-reshapes'),
    step('fuse-transposes'),
    // The end of most classifiers: a mean over each channel.
    step('fuse-reduce-reshapes'),
    step('fuse-casts'),
    // Focus layers, the cutting of query, key and value, and gates are written as Slices one by one.
    step('fuse-slices'),
    // What is left of shape arithmetic: one node per size that is read.
    step('fuse-shape-parts'),
    // Channel shuffles: three copies of a tensor, or five, become one or two.
    step('fuse-stacks'),
    step('fuse-shuffles'),
    // Grouped attention: each key and value head for several queries.
    step('fuse-repeats'),
    // Rotary position embedding: a dozen nodes for each query and key.
    step('fuse-rotations'),
    // Each removes a whole tensor from memory traffic.
    step('fold-batch-normalization'),
    step('fuse-conv-add-mul'),
    step('fold-scale-into-weights'),
    step('fold-normalization'),
    step('fold-transpose-into-weights'),
    step('fuse-pad-conv'),
    step('fuse-focus-conv'),
    step('fuse-matmul-add-gemm'),
    // Branches that compute the same thing, once; equal constants first, or equal nodes do not look it.
    step('dedupe-constants'),
    step('dedupe-nodes'),
    step('eliminate-dead-code'),
    // New nodes have no types yet.
    step('infer-shapes'),
  ),
  // Queries and keys are turned in the same way. Last, because only then all that they have in common is said alike.
  step('fuse-siblings'),
  // After that, queries and keys are turned as one. Runtimes have a kernel for it; the opset is not raised for it alone.
  step('infer-shapes'),
  step('fuse-rotary-embedding'),
  step('infer-shapes'),
  // Angles lose the axis of heads that was put in for them, and heads are taken apart and joined only once.
  step('fuse-reshapes'),
  step('eliminate-no-ops'),
  step('dedupe-constants'),
  step('dedupe-nodes'),
  // Equal weights are stored once.
  step('dedupe-constants'),
  step('eliminate-dead-code'),
];

/** What raises the opset for each runtime, in the place of that step in `CLEAN`. */
const RAISE_OPSET: Readonly<Record<GraphRuntime, readonly PipelineStep[]>> = {
  onnxruntime: [
    // Its CPU kernels know them all, RMSNormalization of opset 23 the newest.
    step('convert-opset-as-needed'),
  ],
  'onnxruntime-web': [
    // To Gelu. The wasm build runs RMSNormalization as well, but the WebGPU and WebNN providers know it only by the name
    // that the runtime itself gives to what is written out.
    step('convert-opset-as-needed', { limit: 20 }),
  ],
  // Nobody knows how new an opset it reads; somebody meant the source's to be run.
  generic: [],
};

/**
 * What is done to every model for a runtime. In a model that is to compute with integers each branch keeps a product of its
 * own: in one tensor, small keys would take the scale of large queries, and features that are not normalized would share one.
 */
export function cleanFor(
  runtime: GraphRuntime,
  { int8 = false }: { readonly int8?: boolean } = {},
): readonly PipelineStep[] {
  const steps = replaceStep(CLEAN, 'convert-opset-as-needed', RAISE_OPSET[runtime]);
  return int8 ? withoutPasses(steps, new Set(['fuse-siblings', 'fold-normalization'])) : steps;
}

function replaceStep(
  steps: readonly PipelineStep[],
  name: string,
  by: readonly PipelineStep[],
): readonly PipelineStep[] {
  return steps.flatMap((one) => {
    if (one.kind === 'fixpoint') return [{ ...one, steps: replaceStep(one.steps, name, by) }];
    return one.name === name ? by : [one];
  });
}

/**
 * What comes first where weights are to be changed: old exporters list them among the inputs, where they count as
 * defaults that a caller may replace, and nothing can be done with them.
 */
export const FREEZE: readonly PipelineStep[] = [step('eliminate-default-inputs')];

/** What comes first on request: rewrites do not see across calls, and other tools do not know a model's own functions. */
export const INLINE: readonly PipelineStep[] = [step('inline-functions')];

/** What is done last to a model that is shipped: nobody reads its names, and in a small model they outweigh the weights. */
export const SLIM: readonly PipelineStep[] = [step('shorten-names')];

/**
 * Steps with an opset that was asked for: the model is brought there first, once constants stand where older operators
 * want attributes, and stays there.
 */
export function atOpset(to: number, steps: readonly PipelineStep[]): readonly PipelineStep[] {
  const early = ['infer-shapes', 'lift-constants', 'fold-constants'].map((name) => step(name));
  const rest = withoutPasses(steps, new Set(['convert-opset-as-needed']));
  return [...early, step('convert-opset', { to, lower: true }), ...rest];
}

/** Opset from which QuantizeLinear has an axis, which per-channel weights need. */
export const INT8_OPSET = 13;

/** What makes more of a graph fit integer kernels; not worth doing for a graph that stays in floating point. */
export const CANONICALIZE_FOR_INT8: readonly PipelineStep[] = [
  step('convert-opset', { to: INT8_OPSET }),
  // Weights that are stored in 8 bits but computed with in float: quantized as a whole or not at all.
  step('fold-stored-weights'),
  step('infer-shapes'),
  // These have no 8-bit kernels, and what they become has.
  step('lower-einsum'),
  step('canonicalize-reduce-mean'),
  step('canonicalize-hard-swish'),
  step('canonicalize-swish'),
  step('canonicalize-subtraction'),
  step('canonicalize-division'),
  step('canonicalize-clip'),
  // What they became may now fold into a convolution.
  step('fuse-conv-add-mul'),
  step('fold-scale-into-weights'),
  step('dedupe-nodes'),
  step('eliminate-dead-code'),
  step('infer-shapes'),
];

/** The steps that make more of a cleaned model fit integer kernels; a model that is new enough keeps its opset. */
export function preparationForInt8(model: Model): readonly PipelineStep[] {
  if (opsetOf(model) < INT8_OPSET) return CANONICALIZE_FOR_INT8;
  return CANONICALIZE_FOR_INT8.filter((one) => one.kind !== 'pass' || one.name !== 'convert-opset');
}

/** The modes that need no data, and their passes. */
export const QUANTIZE_PRESETS = {
  'int8-dynamic': [step('quantize-dynamic'), step('eliminate-dead-code')],
  'int8-weights': [step('quantize-weights'), step('eliminate-dead-code')],
  float16: [step('convert-float16'), step('eliminate-dead-code')],
} as const satisfies Record<string, readonly PipelineStep[]>;
