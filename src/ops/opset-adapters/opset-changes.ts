import {
  batchNormalizationSpatial,
  clipOperands,
  dropoutMask,
  dropoutOperand,
  intsToOperand,
  padOperands,
  sliceOperands,
  topKOperand,
} from './attributes-to-operands.ts';
import { affine, crop, imageScaler, scatterElements } from './experimental-operators.ts';
import type { OpsetAdapter } from './opset-adapter.ts';
import { resizeCoordinates, upsampleOperand, upsampleToResize } from './resize.ts';
import { softmaxAxis } from './softmax-axis.ts';

/** The opsets between which models are converted. */
export const OLDEST_OPSET = 7;
export const NEWEST_OPSET = 13;

/** New versions of operators, by the opset that brought them, that mean the same for every node of the version before. */
const COMPATIBLE: Readonly<Record<number, string>> = {
  8: 'Max Mean Min Sum MaxPool',
  9: 'PRelu Greater Less Cast MeanVarianceNormalization Gemm MatMul Constant Flatten',
  10: 'ThresholdedRelu AveragePool MaxPool',
  11: `If Loop Scan Conv ConvTranspose Equal ArgMax ArgMin Compress Gather NonMaxSuppression OneHot TopK Gemm AveragePool
    LpPool MaxPool MaxUnpool ReduceL1 ReduceL2 ReduceLogSum ReduceLogSumExp ReduceMax ReduceMean ReduceMin ReduceProd
    ReduceSum ReduceSumSquare Concat Constant DepthToSpace Flatten Slice Split Squeeze Unsqueeze Hardmax LogSoftmax Softmax`,
  12: 'Clip Max Min Pow ArgMax ArgMin GatherND MaxPool ReduceMax ReduceMin Constant',
  13: `Clip Dropout Relu Sigmoid If Loop Add Div Equal Greater Less Max Mean Min Mod Mul Pow Sub Sum Abs Cast Ceil Erf Exp
    Floor Identity IsNaN Log Neg Reciprocal Sign Sqrt Tanh MeanVarianceNormalization ArgMax ArgMin Gather GatherElements
    GatherND NonZero ScatterElements ScatterND Resize NegativeLogLikelihoodLoss SoftmaxCrossEntropyLoss Gemm MatMul LRN
    DequantizeLinear QuantizeLinear ReduceL1 ReduceL2 ReduceLogSum ReduceLogSumExp ReduceMax ReduceMean ReduceMin
    ReduceProd ReduceSumSquare Concat Constant DepthToSpace Expand Flatten Pad Reshape Shape Size Slice SpaceToDepth Tile
    Transpose`,
};

/** New versions that ask for a rewrite. What is in neither table is refused. */
const ADAPTERS: Readonly<Record<number, Readonly<Record<string, OpsetAdapter>>>> = {
  9: { BatchNormalization: batchNormalizationSpatial, Upsample: upsampleOperand },
  10: {
    Affine: affine,
    Crop: crop,
    Dropout: dropoutMask,
    ImageScaler: imageScaler,
    Slice: sliceOperands,
    TopK: topKOperand,
    Upsample: upsampleToResize,
  },
  11: { Clip: clipOperands, Pad: padOperands, Resize: resizeCoordinates, Scatter: scatterElements },
  12: { Dropout: dropoutOperand },
  13: {
    Hardmax: softmaxAxis,
    LogSoftmax: softmaxAxis,
    ReduceSum: intsToOperand('axes', 1),
    Softmax: softmaxAxis,
    Split: intsToOperand('split', 1),
    Squeeze: intsToOperand('axes', 1),
    Unsqueeze: intsToOperand('axes', 1),
  },
};

const compatible: ReadonlyMap<number, ReadonlySet<string>> = new Map(
  Object.entries(COMPATIBLE).map(([opset, names]) => [Number(opset), new Set(names.split(/\s+/))]),
);

/** What it takes to bring a node of `op` from the version before `opset` to the one that `opset` brought. */
export function changeAt(op: string, opset: number): OpsetAdapter | 'compatible' | undefined {
  if (compatible.get(opset)?.has(op)) return 'compatible';
  const row = ADAPTERS[opset];
  return row !== undefined && Object.hasOwn(row, op) ? row[op] : undefined;
}
