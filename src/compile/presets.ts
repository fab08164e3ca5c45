import { fixpoint, type PipelineStep, step } from '../pass/pipeline.ts';

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
    step('eliminate-no-ops'),
    step('merge-reshapes'),
    // Each removes a whole tensor from memory traffic.
    step('fold-batch-normalization'),
    step('fuse-conv-add-mul'),
    step('fuse-pad-conv'),
    step('fuse-matmul-add-gemm'),
    // Branches that compute the same thing, once.
    step('dedupe-nodes'),
    step('eliminate-dead-code'),
    // New nodes have no types yet.
    step('infer-shapes'),
  ),
  // Equal weights are stored once.
  step('dedupe-constants'),
  step('eliminate-dead-code'),
];

/** Opset from which QuantizeLinear has an axis, which per-channel weights need. */
export const INT8_OPSET = 13;

/** What makes more of a graph fit integer kernels; not worth doing for a graph that stays in floating point. */
export const CANONICALIZE_FOR_INT8: readonly PipelineStep[] = [
  step('convert-opset', { to: INT8_OPSET }),
  step('infer-shapes'),
  step('canonicalize-reduce-mean'),
  step('canonicalize-hard-swish'),
  step('canonicalize-sub-div'),
  step('fuse-conv-add-mul'),
  step('dedupe-nodes'),
  step('eliminate-dead-code'),
  step('infer-shapes'),
];
