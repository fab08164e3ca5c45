import { int, intOf, textOf } from '../../../ir/attribute.ts';
import type { Graph } from '../../../ir/graph.ts';
import { isOp, type Node } from '../../../ir/node.ts';
import { scalarTensor } from '../../../ir/tensor.ts';
import type { Value } from '../../../ir/value.ts';
import { dtypeOf } from '../../../ir/value-type.ts';
import { NodeWriter } from './node-writer.ts';

/** The number of float32 in `TensorProto.DataType`. */
const FLOAT32 = 1;

/** Writes the losses that models are trained with as what they are defined by. */
export function openLosses(graph: Graph): void {
  for (const node of graph.nodes()) {
    if (isOp(node, 'NegativeLogLikelihoodLoss')) {
      const write = new NodeWriter(node);
      write.replace([negativeLikelihood(write, node.inputs[0]!)]);
    } else if (isOp(node, 'SoftmaxCrossEntropyLoss')) crossEntropy(node);
  }
}

function crossEntropy(node: Node): void {
  const write = new NodeWriter(node);
  const logarithms = write.op('LogSoftmax', [node.inputs[0]], { axis: int(1) });
  write.replace([negativeLikelihood(write, logarithms), logarithms]);
}

/** Minus the logarithm of each target's probability, weighted by class, without the targets that are to be ignored. */
function negativeLikelihood(write: NodeWriter, logarithms: Value): Value {
  const { node } = write;
  const [, targets, weights] = node.inputs;
  const valid = validTargets(write, targets!);
  const safe = valid === undefined ? targets! : write.op('Where', [valid, targets, integer(write, targets!, 0)]);
  const axis = write.ints([1]);
  const taken = write.op('GatherElements', [logarithms, write.op('Unsqueeze', [safe, axis])], { axis: int(1) });
  const losses = write.op('Neg', [write.op('Squeeze', [taken, axis])]);
  const weight = weightsOf(write, weights, safe, valid);
  const weighted = weight === undefined ? losses : write.op('Mul', [losses, weight]);
  const reduction = textOf(node, 'reduction') ?? 'mean';
  if (reduction === 'none') return weighted;
  const sum = (value: Value): Value => write.op('ReduceSum', [value], { keepdims: int(0) });
  if (reduction === 'sum') return sum(weighted);
  if (weight !== undefined) return write.op('Div', [sum(weighted), sum(weight)]);
  const ones = write.op('Add', [write.op('Mul', [losses, write.float(0)]), write.float(1)]);
  return write.op('Div', [sum(weighted), sum(ones)]);
}

/** Which targets count, where some may be to be ignored. */
function validTargets(write: NodeWriter, targets: Value): Value | undefined {
  const ignored = intOf(write.node, 'ignore_index');
  return ignored === undefined
    ? undefined
    : write.op('Not', [write.op('Equal', [targets, integer(write, targets, ignored)])]);
}

function weightsOf(
  write: NodeWriter,
  weights: Value | undefined,
  targets: Value,
  valid: Value | undefined,
): Value | undefined {
  const own = weights && write.op('Gather', [weights, targets], { axis: int(0) });
  if (valid === undefined) return own;
  const counted = write.op('Cast', [valid], { to: int(FLOAT32) });
  return own === undefined ? counted : write.op('Mul', [own, counted]);
}

function integer(write: NodeWriter, like: Value, value: number): Value {
  return write.graph.addConstant(scalarTensor(dtypeOf(like.type) === 'int32' ? 'int32' : 'int64', value));
}
