import type { Node } from '../ir/node.ts';
import { operatorKey } from './operator-key.ts';

/**
 * What an operator is known for:
 *
 * - `commutative`: its two operands, or all of them, may change places;
 * - `unary`, `binary`, `variadic`: it works on each element by itself, with so many operands that are broadcast;
 * - `elementwise`: one of these three, or an element-wise operator whose further operands are parameters;
 * - `activation`: it is used as the nonlinearity after a layer;
 * - `comparison`: its results are booleans that compare elements;
 * - `monotone`: it is unary and never falls where its operand rises (roundings included);
 * - `idempotent`: doing it twice is doing it once;
 * - `movement`: it only copies elements of its first operand (or of all of them) to other places;
 * - `view`: a movement that keeps all elements in their order;
 * - `reduction`: it folds axes of its first operand into one element each;
 * - `shape-only`: it looks at its operand's shape and not at its elements;
 * - `pooling`, `normalization`, `recurrent`: families;
 * - `linear`: its first two operands are multiplied and accumulated (convolutions, matrix products);
 * - `control-flow`: it runs graphs that it holds.
 */
export type Trait =
  | 'commutative'
  | 'unary'
  | 'binary'
  | 'variadic'
  | 'elementwise'
  | 'activation'
  | 'comparison'
  | 'monotone'
  | 'idempotent'
  | 'movement'
  | 'view'
  | 'reduction'
  | 'shape-only'
  | 'pooling'
  | 'normalization'
  | 'recurrent'
  | 'linear'
  | 'control-flow';

const ACTIVATIONS = `Celu Elu Gelu HardSigmoid HardSwish LeakyRelu Mish Relu Selu Sigmoid Softplus Softsign Swish Tanh
  ThresholdedRelu Clip PRelu com.microsoft.Gelu com.microsoft.FastGelu com.microsoft.QuickGelu ParametricSoftplus ScaledTanh`;

const UNARY = `Abs Acos Acosh Asin Asinh Atan Atanh BitwiseNot Cast Ceil Celu Cos Cosh Elu Erf Exp Floor Gelu HardSigmoid
  HardSwish Identity IsInf IsNaN LeakyRelu Log Mish Neg Not Reciprocal Relu Round Selu Shrink Sigmoid Sign Sin Sinh Softplus
  Softsign Sqrt Swish Tan Tanh ThresholdedRelu com.microsoft.Gelu com.microsoft.QuickGelu Affine ParametricSoftplus Scale ScaledTanh`;

const COMPARISONS = 'Equal Greater GreaterOrEqual Less LessOrEqual';

const BINARY = `Add Sub Mul Div Pow Mod And Or Xor BitShift BitwiseAnd BitwiseOr BitwiseXor PRelu ${COMPARISONS}`;

const VARIADIC = 'Max Min Mean Sum';

const VIEWS = 'Reshape Flatten Squeeze Unsqueeze Identity com.microsoft.ExpandDims';

/** The operators of each trait, by their keys. */
const OPERATORS: Readonly<Record<Trait, string>> = {
  commutative: 'Add Mul And Or Xor BitwiseAnd BitwiseOr BitwiseXor Equal Max Min Mean Sum',
  unary: UNARY,
  binary: BINARY,
  variadic: VARIADIC,
  elementwise: `${UNARY} ${BINARY} ${VARIADIC} Clip Where CastLike Dropout com.microsoft.FastGelu com.microsoft.BiasGelu`,
  activation: ACTIVATIONS,
  comparison: COMPARISONS,
  monotone: `Relu Clip Sigmoid Tanh Softplus Softsign Exp Log Sqrt Erf Floor Ceil Round Sign Asin Atan Asinh Acosh Sinh
    Identity`,
  idempotent: 'Relu Clip Abs Ceil Floor Round Sign Identity',
  movement: `${VIEWS} Transpose Slice Gather GatherElements GatherND Expand Tile Split Concat DepthToSpace SpaceToDepth
    ReverseSequence Compress com.microsoft.GatherND Crop DynamicSlice`,
  view: VIEWS,
  reduction: `ReduceL1 ReduceL2 ReduceLogSum ReduceLogSumExp ReduceMax ReduceMean ReduceMin ReduceProd ReduceSum ReduceSumSquare
    ArgMax ArgMin`,
  'shape-only': 'Shape Size ConstantOfShape EyeLike RandomNormalLike RandomUniformLike',
  pooling: `AveragePool MaxPool LpPool GlobalAveragePool GlobalMaxPool GlobalLpPool com.microsoft.QLinearAveragePool
    com.microsoft.QLinearGlobalAveragePool com.microsoft.NhwcMaxPool`,
  normalization: `BatchNormalization InstanceNormalization GroupNormalization LayerNormalization LpNormalization LRN
    MeanVarianceNormalization RMSNormalization SimplifiedLayerNormalization com.microsoft.SkipLayerNormalization
    com.microsoft.SkipSimplifiedLayerNormalization com.microsoft.EmbedLayerNormalization com.microsoft.GroupNorm`,
  recurrent: 'RNN GRU LSTM com.microsoft.DynamicQuantizeLSTM',
  linear: `Conv ConvTranspose ConvInteger QLinearConv MatMul MatMulInteger QLinearMatMul Gemm com.microsoft.FusedConv
    com.microsoft.FusedMatMul com.microsoft.FusedGemm com.microsoft.NhwcConv com.microsoft.NhwcFusedConv com.microsoft.QGemm
    com.microsoft.MatMulIntegerToFloat com.microsoft.DynamicQuantizeMatMul com.microsoft.QLinearConv`,
  'control-flow': 'If Loop Scan SequenceMap',
};

const TRAITS: ReadonlyMap<string, ReadonlySet<Trait>> = traitsByOperator();

function traitsByOperator(): Map<string, Set<Trait>> {
  const byOperator = new Map<string, Set<Trait>>();
  for (const [trait, operators] of Object.entries(OPERATORS) as [Trait, string][]) {
    for (const key of operators.split(/\s+/)) {
      const traits = byOperator.get(key) ?? new Set();
      byOperator.set(key, traits.add(trait));
    }
  }
  return byOperator;
}

/** Whether a node's operator has a trait. Operators that the table does not know have none. */
export function hasTrait(node: Node, trait: Trait): boolean {
  if (!operatorTraits(node.domain, node.op).has(trait)) return false;
  // Before opset 7 the second operand was stretched to the first.
  return !(trait === 'commutative' && node.attributes.has('broadcast'));
}

/** The operators of ai.onnx that have a trait, in the order of the table. */
export function operatorsWith(trait: Trait): readonly string[] {
  return OPERATORS[trait].split(/\s+/).filter((key) => !key.includes('.'));
}

/** All traits of an operator. */
export function operatorTraits(domain: string, op: string): ReadonlySet<Trait> {
  return TRAITS.get(operatorKey(domain, op)) ?? NO_TRAITS;
}

const NO_TRAITS: ReadonlySet<Trait> = new Set();
