import { intAttr, textsAttr } from '../node-def.ts';
import { fusedOps } from './activation.ts';
import type { Translation, TranslationTable } from './translation.ts';

/** A fully connected layer: rows of inputs by inputs x outputs, with its bias and activation in one node. */
const fullyConnected: Translation = (call) => {
  const [outputs = 0, inputs = 0] = call.tensor(1).shape;
  const { shape } = call.result();
  const rows = shape.slice(0, -1).reduce((product, size) => product * size, 1);
  const x = call.tensor(0).shape.length === 2 ? call.input(0) : call.reshape(call.input(0), [rows, inputs]);
  // Only products without transposition have a fast kernel.
  const known = call.tensor(1).data !== undefined;
  const weights = known ? call.weights(1, [1, 0]) : call.input(1);
  const bias = call.has(2);
  // The fused node wants its bias as a vector, which the kernels of what computes one do not always leave.
  const fused = bias && call.tensor(2).data !== undefined && call.tensor(2).shape.length === 1;
  const { ops, after } = fusedOps(call, fused);
  const product = call.node('_FusedMatMul', [x, weights, ...(fused ? [call.input(2)] : [])], {
    transpose_a: { b: false },
    transpose_b: { b: !known },
    fused_ops: textsAttr(ops),
    num_args: intAttr(fused ? 1 : 0),
  });
  const result = after(bias && !fused ? call.node('AddV2', [product, call.input(2)]) : product);
  return shape.length === 2 ? result : call.reshape(result, [...shape.slice(0, -1), outputs]);
};

/**
 * The kernel takes the batches of the smaller operand in turn, which is right only where it has one batch or as many as
 * the other: anything else is broadcast before.
 */
const batchMatMul: Translation = (call) => {
  const batches = [0, 1].map((index) => call.tensor(index).shape.slice(0, -2));
  const single = batches.some((sizes) => sizes.every((size) => size === 1));
  const alike = single || batches[0]!.join() === batches[1]!.join();
  const full = call.result().shape.slice(0, -2);
  const [a, b] = [0, 1].map((index) => {
    if (alike || batches[index]!.join() === full.join()) return call.input(index);
    const shape = [...full, ...call.tensor(index).shape.slice(-2)];
    return call.node('BroadcastTo', [call.input(index), call.integers(shape)]);
  });
  return call.node('BatchMatMulV2', [a!, b!], {
    adj_x: { b: call.operator.options.adj_x === true },
    adj_y: { b: call.operator.options.adj_y === true },
  });
};

export const MATMUL: TranslationTable = { FULLY_CONNECTED: fullyConnected, BATCH_MATMUL: batchMatMul };
