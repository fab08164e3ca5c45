import { intOf, ints } from '../../../ir/attribute.ts';
import type { Graph } from '../../../ir/graph.ts';
import { isOp, type Node } from '../../../ir/node.ts';
import { tensorFromElements, toNumbers } from '../../../ir/tensor.ts';
import type { Value } from '../../../ir/value.ts';
import { dtypeOf } from '../../../ir/value-type.ts';
import { constantScalar } from '../../../rewrite/constant-numbers.ts';
import { staticShape } from '../layout/static-shape.ts';
import { NodeWriter } from './node-writer.ts';

/** Numbers that the table of one transform may have; beyond 16 Mi (64 MB) the operator stays. */
const MAX_TABLE = 2 ** 24;

/** From this opset on the axis of a DFT is an operand, and the last but one where there is none. */
const AXIS_IS_OPERAND = 20;

/** Writes STFT as a convolution and DFT as a product of matrices, each with a table of cosines and sines. */
export function openSignals(graph: Graph, opset: number): void {
  for (const node of graph.nodes()) {
    if (isOp(node, 'STFT')) shortTime(node);
    else if (isOp(node, 'DFT')) discrete(node, opset);
  }
}

/** Cosines and sines of the frequencies 0 to `bins` - 1 of `length` samples. */
function frequencies(length: number, bins: number) {
  const at = (bin: number, sample: number): number => (2 * Math.PI * ((bin * sample) % length)) / length;
  return {
    bins,
    cos: (bin: number, sample: number): number => Math.cos(at(bin, sample)),
    sin: (bin: number, sample: number): number => Math.sin(at(bin, sample)),
  };
}

/** Frames of a real signal [batch, samples(, 1)] are rows of a convolution with the windowed cosines and sines. */
function shortTime(node: Node): void {
  const [signal, step, window, frameLength] = node.inputs;
  const shape = staticShape(signal);
  const stride = constantScalar(step);
  const length = constantScalar(frameLength) ?? staticShape(window)?.[0];
  const known = dtypeOf(signal?.type) === 'float32' && (window === undefined || window.constant !== undefined);
  if (!known || shape === undefined || stride === undefined || length === undefined || shape[2] === 2) return;
  const { bins, cos, sin } = frequencies(length, intOf(node, 'onesided') === 0 ? length : Math.floor(length / 2) + 1);
  if (2 * bins * length > MAX_TABLE) return;
  const weights = window?.constant ? toNumbers(window.constant) : new Array<number>(length).fill(1);
  const table = new Float32Array(2 * bins * length);
  for (let bin = 0; bin < bins; bin++) {
    for (let k = 0; k < length; k++) {
      table[bin * length + k] = weights[k]! * cos(bin, k);
      table[(bins + bin) * length + k] = -weights[k]! * sin(bin, k);
    }
  }
  const write = new NodeWriter(node);
  const [batch = 1, samples = 0] = shape;
  const filters = write.graph.addConstant(tensorFromElements('float32', [2 * bins, 1, length], table));
  const spectra = write.op('Conv', [write.reshape(signal!, [batch, 1, samples]), filters], { strides: ints([stride]) });
  const frames = Math.floor((samples - length) / stride) + 1;
  const parts = write.reshape(spectra, [batch, 2, bins, frames]);
  write.replace([write.op('Transpose', [parts], { perm: ints([0, 3, 2, 1]) })]);
}

/** Real and imaginary parts of all samples side by side times the table; the transformed axis is moved to the end. */
function discrete(node: Node, opset: number): void {
  const [x, dftLength, axisOperand] = node.inputs;
  const shape = staticShape(x);
  const usual = opset < AXIS_IS_OPERAND ? (intOf(node, 'axis') ?? 1) : -2;
  const axisValue = axisOperand === undefined ? usual : constantScalar(axisOperand);
  if (shape === undefined || axisValue === undefined || dtypeOf(x?.type) !== 'float32') return;
  const rank = shape.length;
  const axis = axisValue < 0 ? axisValue + rank : axisValue;
  const inverse = intOf(node, 'inverse') === 1;
  const onesided = intOf(node, 'onesided') === 1;
  const samples = shape[axis]!;
  const parts = shape[rank - 1]!;
  const length = dftLength === undefined ? samples : constantScalar(dftLength);
  // The inverse of a half spectrum, which the rest is mirrored from, and padded or cut signals stay as they are.
  if (length !== samples || (inverse && onesided) || axis >= rank - 1 || parts > 2) return;
  const bins = onesided ? Math.floor(length / 2) + 1 : length;
  if (parts * length * 2 * bins > MAX_TABLE) return;
  const write = new NodeWriter(node);
  const others = shape.flatMap((_, k) => (k === axis || k === rank - 1 ? [] : [k]));
  const order = [...others, axis, rank - 1];
  const outer = others.map((k) => shape[k]!);
  const moved = transposed(write, x!, order);
  const rows = write.reshape(moved, [outer.reduce((a, b) => a * b, 1), length * parts]);
  const product = write.op('MatMul', [rows, tableOf(write, { length, bins, parts, inverse })]);
  const spectrum = write.reshape(product, [...outer, bins, 2]);
  write.replace([
    transposed(
      write,
      spectrum,
      order.map((_, k) => order.indexOf(k)),
    ),
  ]);
}

interface Transform {
  readonly length: number;
  readonly bins: number;
  /** 1 for real signals, 2 for complex ones. */
  readonly parts: number;
  readonly inverse: boolean;
}

/** [samples x parts, bins x 2]. */
function tableOf(write: NodeWriter, { length, bins, parts, inverse }: Transform): Value {
  const { cos, sin } = frequencies(length, bins);
  const scale = inverse ? 1 / length : 1;
  const turn = inverse ? 1 : -1;
  const table = new Float32Array(length * parts * 2 * bins);
  for (let k = 0; k < length; k++) {
    for (let bin = 0; bin < bins; bin++) {
      const [c, s] = [scale * cos(bin, k), scale * turn * sin(bin, k)];
      table.set([c, s], (k * parts * bins + bin) * 2);
      if (parts === 2) table.set([-s, c], ((k * parts + 1) * bins + bin) * 2);
    }
  }
  return write.graph.addConstant(tensorFromElements('float32', [length * parts, 2 * bins], table));
}

function transposed(write: NodeWriter, value: Value, order: readonly number[]): Value {
  return order.every((axis, k) => axis === k) ? value : write.op('Transpose', [value], { perm: ints(order) });
}
