import { floatOf, int, intOf, ints } from '../../../ir/attribute.ts';
import type { Graph } from '../../../ir/graph.ts';
import { isOp, type Node } from '../../../ir/node.ts';
import { tensorFromNumbers } from '../../../ir/tensor.ts';
import type { Value } from '../../../ir/value.ts';
import { dtypeOf } from '../../../ir/value-type.ts';
import { staticShape } from '../layout/static-shape.ts';
import { NodeWriter } from './node-writer.ts';

/** Writes Attention and RotaryEmbedding of ai.onnx as the products and sums that they are defined by. */
export function openAttention(graph: Graph): void {
  for (const node of graph.nodes()) {
    if (isOp(node, 'Attention')) attention(node);
    else if (isOp(node, 'RotaryEmbedding')) rotaryEmbedding(node);
  }
}

/** Heads of queries, keys and values: [batch, heads, length, size]. */
interface Heads {
  readonly value: Value;
  readonly shape: readonly [batch: number, heads: number, length: number, size: number];
}

function attention(node: Node): void {
  const [q, k, v, mask, pastKey, pastValue, lengths] = node.inputs;
  const mode = intOf(node, 'qk_matmul_output_mode') ?? 0;
  const plain = [q, k, v].every((value) => dtypeOf(value?.type) === 'float32' && staticShape(value) !== undefined);
  // Lengths that are only known while the model runs stay closed.
  if (!plain || lengths !== undefined) return;
  const write = new NodeWriter(node);
  const query = headsOf(write, q!, intOf(node, 'q_num_heads'));
  const keys = withPast(write, headsOf(write, k!, intOf(node, 'kv_num_heads')), pastKey);
  const values = withPast(write, headsOf(write, v!, intOf(node, 'kv_num_heads')), pastValue);
  if (query === undefined || keys === undefined || values === undefined) return;
  const [, heads, length, size] = query.shape;
  const factor = write.float(Math.sqrt(floatOf(node, 'scale') ?? 1 / Math.sqrt(size)));
  const turned = write.op('Transpose', [repeated(write, keys, heads)], { perm: ints([0, 1, 3, 2]) });
  const raw = write.op('MatMul', [write.op('Mul', [query.value, factor]), write.op('Mul', [turned, factor])]);
  const cap = floatOf(node, 'softcap') ?? 0;
  const limit = write.float(cap);
  const capped = cap === 0 ? raw : write.op('Mul', [write.op('Tanh', [write.op('Div', [raw, limit])]), limit]);
  const past = pastKey === undefined ? 0 : staticShape(pastKey)![2]!;
  const bias = biasOf(write, mask, { rows: length, columns: keys.shape[2], past });
  const biased = bias === undefined ? capped : write.op('Add', [capped, bias]);
  const softmax = write.op('Softmax', [biased], { axis: int(-1) });
  const shares = mask === undefined ? softmax : withoutEmptyRows(write, softmax, bias!);
  const result = write.op('MatMul', [shares, repeated(write, values, heads)]);
  write.replace([
    joinedHeads(write, result, q!, [query.shape[0], heads, length, values.shape[3]]),
    keys.value,
    values.value,
    [raw, capped, biased, shares][mode],
  ]);
}

/** A tensor as heads; of rank 3, the heads lie side by side. */
function headsOf(write: NodeWriter, value: Value, count: number | undefined): Heads | undefined {
  const shape = staticShape(value)!;
  if (shape.length === 4) return { value, shape: [shape[0]!, shape[1]!, shape[2]!, shape[3]!] };
  if (shape.length !== 3 || count === undefined) return undefined;
  const [batch = 0, length = 0, width = 0] = shape;
  const apart = write.reshape(value, [batch, length, count, width / count]);
  const moved = write.op('Transpose', [apart], { perm: ints([0, 2, 1, 3]) });
  return { value: moved, shape: [batch, count, length, width / count] };
}

/** Keys or values after those of the past. */
function withPast(write: NodeWriter, heads: Heads | undefined, past: Value | undefined): Heads | undefined {
  if (past === undefined || heads === undefined) return heads;
  const before = staticShape(past)?.[2];
  if (before === undefined) return undefined;
  const [batch, count, length, size] = heads.shape;
  const value = write.op('Concat', [past, heads.value], { axis: int(2) });
  return { value, shape: [batch, count, before + length, size] };
}

/** Each head as often as there are heads of queries for it. */
function repeated(write: NodeWriter, { value, shape: [, count] }: Heads, heads: number): Value {
  if (count === heads) return value;
  const places = Array.from({ length: heads }, (_, head) => Math.floor(head / (heads / count)));
  return write.op('Gather', [value, write.ints(places)], { axis: int(1) });
}

interface Products {
  readonly rows: number;
  readonly columns: number;
  /** Columns that lie before the first row's own. */
  readonly past: number;
}

/** What is added to the products: the mask, and minus infinity for what lies in the future. */
function biasOf(write: NodeWriter, mask: Value | undefined, { rows, columns, past }: Products): Value | undefined {
  const given = mask && maskBias(write, mask, columns);
  if (intOf(write.node, 'is_causal') !== 1) return given;
  const future = Array.from({ length: rows * columns }, (_, at) =>
    (at % columns) - past > Math.floor(at / columns) ? Number.NEGATIVE_INFINITY : 0,
  );
  const causal = write.graph.addConstant(tensorFromNumbers('float32', [rows, columns], future));
  return given === undefined ? causal : write.op('Add', [given, causal]);
}

function maskBias(write: NodeWriter, mask: Value, columns: number): Value {
  const lowest = write.float(Number.NEGATIVE_INFINITY);
  const bias = dtypeOf(mask.type) === 'bool' ? write.op('Where', [mask, write.float(0), lowest]) : mask;
  const shape = staticShape(mask) ?? [];
  const missing = columns - shape.at(-1)!;
  if (missing <= 0) return bias;
  const pads = write.ints([...shape.map(() => 0), ...shape.slice(1).map(() => 0), missing]);
  return write.op('Pad', [bias, pads, lowest]);
}

/** Rows in which everything is masked give nothing. */
function withoutEmptyRows(write: NodeWriter, shares: Value, bias: Value): Value {
  const peak = write.op('ReduceMax', [bias, write.ints([-1])], { keepdims: int(1) });
  const empty = write.op('Equal', [peak, write.float(Number.NEGATIVE_INFINITY)]);
  return write.op('Where', [empty, write.float(0), shares]);
}

/** The result in the form of the queries. */
function joinedHeads(write: NodeWriter, result: Value, like: Value, shape: readonly number[]): Value {
  if (staticShape(like)!.length === 4) return result;
  const [batch = 0, heads = 0, length = 0, size = 0] = shape;
  const moved = write.op('Transpose', [result], { perm: ints([0, 2, 1, 3]) });
  return write.reshape(moved, [batch, length, heads * size]);
}

/** Pairs of elements turned by the angle of their position. */
function rotaryEmbedding(node: Node): void {
  const [x, cosines, sines, positions] = node.inputs;
  const shape = staticShape(x);
  const cache = staticShape(cosines);
  if (x === undefined || shape === undefined || cache === undefined) return;
  const count = intOf(node, 'num_heads') ?? 0;
  if (shape.length === 3 && count === 0) return;
  const write = new NodeWriter(node);
  const flat = shape.length === 3;
  const heads = flat ? write.reshape(x, [shape[0]!, shape[1]!, count, shape[2]! / count]) : x;
  const size = flat ? shape[2]! / count : shape[3]!;
  const turned = intOf(node, 'rotary_embedding_dim') || size;
  const half = turned / 2;
  const [cos, sin] = [cosines!, sines!].map((table) => {
    const taken = positions === undefined ? table : write.op('Gather', [table, positions], { axis: int(0) });
    const cut = cache.at(-1) === half ? taken : write.slice(taken, -1, 0, half);
    return write.op('Unsqueeze', [cut, write.ints([flat ? 2 : 1])]);
  });
  const interleaved = intOf(node, 'interleaved') === 1;
  const [a, b] = interleaved
    ? [write.slice(heads, -1, 0, turned, 2), write.slice(heads, -1, 1, turned, 2)]
    : [write.slice(heads, -1, 0, half), write.slice(heads, -1, half, turned)];
  const real = write.op('Sub', [write.op('Mul', [cos, a]), write.op('Mul', [sin, b])]);
  const imaginary = write.op('Add', [write.op('Mul', [sin, a]), write.op('Mul', [cos, b])]);
  const outer = (flat ? [shape[0]!, shape[1]!, count] : shape.slice(0, 3)) as readonly number[];
  const rotated = interleaved
    ? write.reshape(pairs(write, real, imaginary), [...outer, turned])
    : write.op('Concat', [real, imaginary], { axis: int(-1) });
  const whole =
    turned === size ? rotated : write.op('Concat', [rotated, write.slice(heads, -1, turned, size)], { axis: int(-1) });
  write.replace([flat ? write.reshape(whole, shape) : whole]);
}

/** Two tensors side by side along a new last axis. */
function pairs(write: NodeWriter, a: Value, b: Value): Value {
  const wide = [a, b].map((value) => write.op('Unsqueeze', [value, write.ints([-1])]));
  return write.op('Concat', wide, { axis: int(-1) });
}
