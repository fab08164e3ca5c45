import type { AnyPass } from '../src/pass/define-pass.ts';
import { canonicalizeClip } from './canonicalize-clip.ts';
import { canonicalizeDivision } from './canonicalize-division.ts';
import { canonicalizeHardSwish } from './canonicalize-hard-swish.ts';
import { canonicalizeIf } from './canonicalize-if.ts';
import { canonicalizeReduceMean } from './canonicalize-reduce-mean.ts';
import { canonicalizeReshape } from './canonicalize-reshape.ts';
import { canonicalizeSubtraction } from './canonicalize-subtraction.ts';
import { canonicalizeSwish } from './canonicalize-swish.ts';
import { convertFloat16 } from './convert-float16.ts';
import { convertOpset } from './convert-opset.ts';
import { convertOpsetAsNeeded } from './convert-opset-as-needed.ts';
import { convertWeightsFloat16 } from './convert-weights-float16.ts';
import { dedupeConstants } from './dedupe-constants.ts';
import { dedupeNodes } from './dedupe-nodes.ts';
import { eliminateDeadCode } from './eliminate-dead-code.ts';
import { eliminateDeadStates } from './eliminate-dead-states.ts';
import { eliminateDefaultInputs } from './eliminate-default-inputs.ts';
import { eliminateDropout } from './eliminate-dropout.ts';
import { eliminateExpands } from './eliminate-expands.ts';
import { eliminateIdentity } from './eliminate-identity.ts';
import { eliminateNoOps } from './eliminate-no-ops.ts';
import { eliminateRedundantActivations } from './eliminate-redundant-activations.ts';
import { eliminateZeroAdd } from './eliminate-zero-add.ts';
import { eliminateZeroStates } from './eliminate-zero-states.ts';
import { foldBatchNormalization } from './fold-batch-normalization.ts';
import { foldConstants } from './fold-constants.ts';
import { foldIf } from './fold-if.ts';
import { foldNormalization } from './fold-normalization.ts';
import { foldScaleIntoWeights } from './fold-scale-into-weights.ts';
import { foldSequences } from './fold-sequences.ts';
import { foldShapeArithmetic } from './fold-shape-arithmetic.ts';
import { foldStoredWeights } from './fold-stored-weights.ts';
import { foldTransposeIntoWeights } from './fold-transpose-into-weights.ts';
import { fuseActivations } from './fuse-activations.ts';
import { fuseCasts } from './fuse-casts.ts';
import { fuseConvAddMul } from './fuse-conv-add-mul.ts';
import { fuseDepthToSpace } from './fuse-depth-to-space.ts';
import { fuseFocusConv } from './fuse-focus-conv.ts';
import { fuseGelu } from './fuse-gelu.ts';
import { fuseIfs } from './fuse-ifs.ts';
import { fuseInstanceNormalization } from './fuse-instance-normalization.ts';
import { fuseLayerNormalization } from './fuse-layer-normalization.ts';
import { fuseMatmulAddGemm } from './fuse-matmul-add-gemm.ts';
import { fusePadConv } from './fuse-pad-conv.ts';
import { fuseReciprocals } from './fuse-reciprocals.ts';
import { fuseReduceReshapes } from './fuse-reduce-reshapes.ts';
import { fuseRepeats } from './fuse-repeats.ts';
import { fuseReshapes } from './fuse-reshapes.ts';
import { fuseRmsNormalization } from './fuse-rms-normalization.ts';
import { fuseRotaryEmbedding } from './fuse-rotary-embedding.ts';
import { fuseRotations } from './fuse-rotations.ts';
import { fuseScalarArithmetic } from './fuse-scalar-arithmetic.ts';
import { fuseShapeParts } from './fuse-shape-parts.ts';
import { fuseShuffles } from './fuse-shuffles.ts';
import { fuseSiblings } from './fuse-siblings.ts';
import { fuseSlices } from './fuse-slices.ts';
import { fuseSoftmax } from './fuse-softmax.ts';
import { fuseStacks } from './fuse-stacks.ts';
import { fuseTransposes } from './fuse-transposes.ts';
import { inferShapes } from './infer-shapes.ts';
import { inlineFunctions } from './inline-functions.ts';
import { liftConstants } from './lift-constants.ts';
import { lowerEinsum } from './lower-einsum.ts';
import { pruneMagnitude } from './prune-magnitude.ts';
import { quantizeDynamic } from './quantize-dynamic.ts';
import { quantizeInt8 } from './quantize-int8.ts';
import { quantizeWeights } from './quantize-weights.ts';
import { shortenNames } from './shorten-names.ts';
import { unrollLoops } from './unroll-loops.ts';

/** Every pass, in the order in which they are listed to people: what is known, what goes, what is said otherwise, what is given up. */
export const PASSES: readonly AnyPass[] = [
  inferShapes,
  convertOpset,
  convertOpsetAsNeeded,
  liftConstants,
  lowerEinsum,
  foldConstants,
  foldShapeArithmetic,
  foldIf,
  unrollLoops,
  foldSequences,
  inlineFunctions,
  canonicalizeIf,
  fuseIfs,
  eliminateDefaultInputs,
  eliminateExpands,
  eliminateIdentity,
  eliminateDropout,
  eliminateNoOps,
  eliminateZeroAdd,
  eliminateZeroStates,
  eliminateRedundantActivations,
  eliminateDeadStates,
  eliminateDeadCode,
  dedupeConstants,
  dedupeNodes,
  foldBatchNormalization,
  foldScaleIntoWeights,
  foldNormalization,
  foldTransposeIntoWeights,
  fuseConvAddMul,
  fusePadConv,
  fuseFocusConv,
  fuseMatmulAddGemm,
  fuseReciprocals,
  fuseScalarArithmetic,
  fuseReshapes,
  fuseReduceReshapes,
  fuseTransposes,
  fuseSlices,
  fuseShapeParts,
  fuseStacks,
  fuseShuffles,
  fuseRepeats,
  fuseRotaryEmbedding,
  fuseRotations,
  fuseSiblings,
  fuseCasts,
  fuseLayerNormalization,
  fuseRmsNormalization,
  fuseInstanceNormalization,
  fuseSoftmax,
  fuseGelu,
  fuseActivations,
  fuseDepthToSpace,
  canonicalizeReshape,
  canonicalizeReduceMean,
  canonicalizeHardSwish,
  canonicalizeSwish,
  canonicalizeClip,
  canonicalizeSubtraction,
  canonicalizeDivision,
  foldStoredWeights,
  pruneMagnitude,
  quantizeInt8,
  quantizeWeights,
  quantizeDynamic,
  convertFloat16,
  convertWeightsFloat16,
  shortenNames,
];
