import type { Graph } from '../../ir/graph.ts';
import type { Node } from '../../ir/node.ts';
import { schemaOf } from '../schema/schema-of.ts';
import {
  clipOperands,
  dftAxis,
  dropoutMask,
  dropoutOperand,
  intsToOperand,
  padOperands,
  sliceOperands,
  splitCount,
  topKOperand,
} from './attributes-to-operands.ts';
import { carryOver } from './carry-over.ts';
import { affine, crop, imageScaler, scatterElements } from './experimental-operators.ts';
import { nonNegativeAxes } from './non-negative-axes.ts';
import {
  batchNormalizationSpatial,
  batchNormalizationTraining,
  groupNormalizationPerChannel,
} from './normalizations.ts';
import {
  clipAttributes,
  dftAxisAttribute,
  dropoutAttribute,
  operandToInts,
  padAttributes,
  padEveryAxis,
  reductionAxesAttribute,
  sliceAttributes,
  softmaxLastAxis,
  splitWithoutCount,
  topKAttribute,
} from './operands-to-attributes.ts';
import { type OpsetAdapter, refuses } from './opset-adapter.ts';
import {
  gridSampleModes,
  gridSampleOldModes,
  roiAlignCoordinates,
  roiAlignWithoutCoordinates,
} from './renamed-modes.ts';
import { resizeCoordinates, upsampleOperand, upsampleToResize } from './resize.ts';
import { reshapeWithoutZero, shapeWithoutParts } from './shapes-before.ts';
import { softmaxAxis } from './softmax-axis.ts';

/** The opsets between which models are converted; the newest is the newest that ONNX Runtime 1.30 runs. */
export const OLDEST_OPSET = 7;
export const NEWEST_OPSET = 26;

type AdapterTable = Readonly<Record<number, Readonly<Record<string, OpsetAdapter>>>>;

const REDUCTIONS = [
  'ReduceL1',
  'ReduceL2',
  'ReduceLogSum',
  'ReduceLogSumExp',
  'ReduceMax',
  'ReduceMean',
  'ReduceMin',
  'ReduceProd',
  'ReduceSumSquare',
];

/** Operators besides reductions that may count axes from the end since opset 11. */
const WITH_AXES = [
  'ArgMax',
  'ArgMin',
  'Concat',
  'Flatten',
  'Gather',
  'Hardmax',
  'LogSoftmax',
  'OneHot',
  'ReduceSum',
  'Softmax',
  'Split',
  'Squeeze',
  'Unsqueeze',
];

/**
 * Versions of operators that ask for a rewrite of nodes of the version before, by the opset that brought them. Wherever
 * the operator tables show that a node of one version is a node of the next, it is taken over as it stands; here stands
 * what has to be written otherwise, and what the same signature means otherwise.
 */
const RAISING: AdapterTable = {
  9: {
    BatchNormalization: batchNormalizationSpatial,
    Scan: refuses('Scan of opset 8 has a batch axis'),
    Upsample: upsampleOperand,
  },
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
  14: { BatchNormalization: batchNormalizationTraining },
  16: { RoiAlign: roiAlignCoordinates },
  18: { ...Object.fromEntries(REDUCTIONS.map((op) => [op, intsToOperand('axes', 1)])), Split: splitCount },
  20: { DFT: dftAxis, GridSample: gridSampleModes },
  21: { GroupNormalization: groupNormalizationPerChannel },
};

/** The same on the way down: how a node of the version that an opset brought is written in the one before. */
const LOWERING: AdapterTable = {
  9: { Scan: refuses('Scan before opset 9 has a batch axis') },
  10: { Slice: sliceAttributes, TopK: topKAttribute },
  11: {
    ...Object.fromEntries([...REDUCTIONS, ...WITH_AXES].map((op) => [op, nonNegativeAxes])),
    Clip: clipAttributes,
    Pad: padAttributes,
  },
  12: { Dropout: dropoutAttribute },
  13: {
    Hardmax: softmaxLastAxis,
    LogSoftmax: softmaxLastAxis,
    ReduceSum: reductionAxesAttribute,
    Softmax: softmaxLastAxis,
    Split: operandToInts('split', 1),
    Squeeze: operandToInts('axes', 1),
    Unsqueeze: operandToInts('axes', 1),
  },
  14: { Reshape: reshapeWithoutZero },
  15: { Shape: shapeWithoutParts },
  16: { RoiAlign: roiAlignWithoutCoordinates },
  18: {
    ...Object.fromEntries(REDUCTIONS.map((op) => [op, reductionAxesAttribute])),
    Pad: padEveryAxis,
    Split: splitWithoutCount,
  },
  20: { DFT: dftAxisAttribute, GridSample: gridSampleOldModes },
};

/**
 * Brings a node from the opset before `opset` to it.
 *
 * @returns why that is not possible, the node then being half changed; `undefined` where it was done or nothing was to do.
 */
export function raiseNode(node: Node, graph: Graph, opset: number): string | undefined {
  return convertNode(node, graph, RAISING[opset], { from: opset - 1, to: opset });
}

/** Brings a node from `opset` to the opset before it; answers as `raiseNode`. */
export function lowerNode(node: Node, graph: Graph, opset: number): string | undefined {
  return convertNode(node, graph, LOWERING[opset], { from: opset, to: opset - 1 });
}

function convertNode(
  node: Node,
  graph: Graph,
  adapters: AdapterTable[number] | undefined,
  opsets: { readonly from: number; readonly to: number },
): string | undefined {
  if (node.domain !== '') return undefined;
  const from = schemaOf('', node.op, opsets.from);
  const to = schemaOf('', node.op, opsets.to);
  if (from === to || from === undefined) return undefined;
  if (to === undefined) return `opset ${opsets.to} has no ${node.op}`;
  const adapter = adapters !== undefined && Object.hasOwn(adapters, node.op) ? adapters[node.op] : undefined;
  if (adapter === undefined) return carryOver(node, graph, from, to);
  for (const attribute of node.attributes.values())
    if (attribute.kind === 'reference') return 'an attribute of it is only known where its function is called';
  const refusal = adapter(node, graph);
  if (refusal !== undefined || node.graph === undefined) return refusal;
  // Besides what the adapter saw to, the versions may differ in types, or in how much may be there.
  return carryOver(node, graph, from, to);
}
