import { intOf } from '../../../ir/attribute.ts';
import { bitsOf } from '../../../ir/dtype.ts';
import type { Graph } from '../../../ir/graph.ts';
import { isOp, type Node } from '../../../ir/node.ts';
import {
  elements,
  type Tensor,
  tensorBytes,
  tensorFromBytes,
  tensorFromElements,
  toNumbers,
} from '../../../ir/tensor.ts';
import type { Value } from '../../../ir/value.ts';
import { transposition } from '../layout/layout-rule.ts';
import { moveElements, orderedShape } from '../layout/permutation.ts';
import type { StoredIntegers } from '../stored-integers.ts';

/**
 * Replaces constants that are stored quantized by the floats that they stand for, and transposes of such constants by
 * transposed ones.
 *
 * @param sources is told which integers each float constant came from.
 */
export function foldDequantizedConstants(graph: Graph, sources: Map<Tensor, StoredIntegers>): void {
  for (const node of graph.nodes()) {
    const stored = isOp(node, 'DequantizeLinear') ? storedConstant(node) : movedConstant(node, sources);
    const [result] = node.outputs;
    if (stored === undefined || result === undefined) continue;
    const floats = dequantized(stored);
    const constant = graph.addConstant(floats, result.name);
    sources.set(constant.constant ?? floats, stored);
    graph.replaceAllUses(result, constant, { outputs: true });
    graph.erase(node);
  }
}

function storedConstant(node: Node): StoredIntegers | undefined {
  const [quantized, scale, zeroPoint] = node.inputs.map((value: Value | undefined) => value?.constant);
  if (quantized === undefined || scale === undefined) return undefined;
  if (scale.dtype !== 'float32' || scale.dims.length > 1) return undefined;
  if (node.inputs[2] !== undefined && zeroPoint === undefined) return undefined;
  const given = intOf(node, 'axis') ?? 1;
  const axis = given < 0 ? given + quantized.dims.length : given;
  const scales = toNumbers(scale);
  const zeroPoints = zeroPoint === undefined ? scales.map(() => 0) : toNumbers(zeroPoint);
  return { integers: quantized, scales, zeroPoints, axis: scales.length === 1 ? 0 : axis };
}

/** The integers of a Transpose of a constant that was stored quantized. */
function movedConstant(node: Node, sources: ReadonlyMap<Tensor, StoredIntegers>): StoredIntegers | undefined {
  const constant = isOp(node, 'Transpose') ? node.inputs[0]?.constant : undefined;
  const stored = constant && sources.get(constant);
  const order = transposition(node);
  if (stored === undefined || order === undefined) return undefined;
  const { integers, axis } = stored;
  const size = bitsOf(integers.dtype) / 8;
  if (!Number.isInteger(size)) return undefined;
  const bytes = moveElements(tensorBytes(integers), integers.dims, order, size);
  const moved = tensorFromBytes(integers.dtype, orderedShape(integers.dims, order), bytes);
  return { ...stored, integers: moved, axis: stored.scales.length === 1 ? 0 : order.indexOf(axis) };
}

/** (q - zero point) * scale, rounded as DequantizeLinear does. */
function dequantized({ integers, scales, zeroPoints, axis }: StoredIntegers): Tensor {
  const values = elements(integers) as ArrayLike<number>;
  const inner = integers.dims.slice(axis + 1).reduce((product, dim) => product * dim, 1);
  const size = integers.dims[axis] ?? 1;
  const floats = new Float32Array(values.length);
  for (let i = 0; i < floats.length; i++) {
    const channel = Math.floor(i / inner) % size;
    const difference = values[i]! - zeroPoints[zeroPoints.length === 1 ? 0 : channel]!;
    floats[i] = difference * scales[scales.length === 1 ? 0 : channel]!;
  }
  return tensorFromElements('float32', integers.dims, floats);
}
