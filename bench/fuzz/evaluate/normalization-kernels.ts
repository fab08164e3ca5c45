import { floatOf, intOf, textOf } from '../../../src/ir/attribute.ts';
import { elementCount, type Tensor, tensorFromNumbers, toNumbers } from '../../../src/ir/tensor.ts';
import type { KernelCall } from '../../../src/ops/evaluate/kernel.ts';
import type { LayerKernel } from './layer-kernels.ts';

/** What passes make of written-out normalizations, rotations and recurrences, as plainly as can be. */
export const NORMALIZATION_KERNELS: Readonly<Record<string, LayerKernel>> = {
  LayerNormalization: (call) => overLastAxes(call, (values) => values.reduce((a, b) => a + b, 0) / values.length),
  RMSNormalization: (call) => overLastAxes(call, () => 0),
  InstanceNormalization: instanceNormalization,
  RotaryEmbedding: rotaryEmbedding,
  RNN: recurrence,
};

const isFloat32 = (tensor: Tensor | undefined): tensor is Tensor => tensor?.dtype === 'float32';

/** Each row less what `center` says, over the root of the mean of its squares. */
function normalized(row: readonly number[], center: number, epsilon: number): readonly number[] {
  const moved = row.map((value) => value - center);
  const spread = Math.sqrt(moved.reduce((total, value) => total + value * value, 0) / row.length + epsilon);
  return moved.map((value) => value / spread);
}

function overLastAxes(
  { node, inputs: [x, scale, bias] }: KernelCall,
  center: (row: readonly number[]) => number,
): readonly Tensor[] | undefined {
  if (!isFloat32(x) || !isFloat32(scale) || node.outputs.length > 1) return undefined;
  const axis = intOf(node, 'axis') ?? -1;
  const dims = x.dims.slice(axis < 0 ? axis + x.dims.length : axis);
  const length = elementCount(dims);
  // Broadcast scales are left to the runtime.
  if ([scale, bias].some((tensor) => tensor !== undefined && elementCount(tensor.dims) !== length)) return undefined;
  const [values, factors, offsets] = [toNumbers(x), toNumbers(scale), bias && toNumbers(bias)];
  const out: number[] = [];
  for (let at = 0; at < values.length; at += length) {
    const row = values.slice(at, at + length);
    const normal = normalized(row, center(row), floatOf(node, 'epsilon') ?? Math.fround(1e-5));
    out.push(...normal.map((value, k) => value * factors[k]! + (offsets?.[k] ?? 0)));
  }
  return [tensorFromNumbers('float32', x.dims, out)];
}

function instanceNormalization({ node, inputs: [x, scale, bias] }: KernelCall): readonly Tensor[] | undefined {
  if (!isFloat32(x) || !isFloat32(scale) || !isFloat32(bias) || x.dims.length < 3) return undefined;
  const [values, factors, offsets] = [toNumbers(x), toNumbers(scale), toNumbers(bias)];
  const length = elementCount(x.dims.slice(2));
  const out: number[] = [];
  for (let at = 0; at < values.length; at += length) {
    const channel = (at / length) % x.dims[1]!;
    const row = values.slice(at, at + length);
    const mean = row.reduce((a, b) => a + b, 0) / length;
    const normal = normalized(row, mean, floatOf(node, 'epsilon') ?? Math.fround(1e-5));
    out.push(...normal.map((value) => value * factors[channel]! + offsets[channel]!));
  }
  return [tensorFromNumbers('float32', x.dims, out)];
}

/** Of `[batch, heads, length, size]` or `[batch, length, heads * size]`, with an angle for each batch, place and pair. */
function rotaryEmbedding({ node, inputs: [x, cosines, sines, positions] }: KernelCall): readonly Tensor[] | undefined {
  if (!isFloat32(x) || !isFloat32(cosines) || !isFloat32(sines) || positions !== undefined) return undefined;
  if (intOf(node, 'rotary_embedding_dim')) return undefined;
  const pairs = cosines.dims[2]!;
  const size = 2 * pairs;
  const length = cosines.dims[1]!;
  const heads = x.dims.length === 4 ? x.dims[1]! : x.dims[2]! / size;
  const [values, cos, sin] = [toNumbers(x), toNumbers(cosines), toNumbers(sines)];
  const apart = intOf(node, 'interleaved') === 1;
  const out = values.map((value, at) => {
    const row = Math.floor(at / size);
    const place = at % size;
    const batch = Math.floor(row / (heads * length));
    const position = x.dims.length === 4 ? row % length : Math.floor(row / heads) % length;
    const pair = apart ? place >> 1 : place % pairs;
    const angle = (batch * length + position) * pairs + pair;
    const second = apart ? place % 2 === 1 : place >= pairs;
    const partner = values[row * size + (apart ? place ^ 1 : (place + pairs) % size)]!;
    return value * cos[angle]! + (second ? partner : -partner) * sin[angle]!;
  });
  return [tensorFromNumbers('float32', x.dims, out)];
}

/** One direction of `tanh(W x + R h)` without biases or lengths. */
function recurrence({ node, inputs: [x, w, r, bias, lengths, first] }: KernelCall): readonly Tensor[] | undefined {
  if (!isFloat32(x) || !isFloat32(w) || !isFloat32(r) || bias !== undefined || lengths !== undefined) return undefined;
  const [steps, batch, width] = x.dims as [number, number, number];
  const hidden = intOf(node, 'hidden_size') ?? r.dims[2]!;
  if (w.dims[0] !== 1 || w.dims[2] !== width || (textOf(node, 'direction') ?? 'forward') !== 'forward')
    return undefined;
  if (first !== undefined && first.dims.join() !== [1, batch, hidden].join()) return undefined;
  const [values, into, back] = [toNumbers(x), toNumbers(w), toNumbers(r)];
  let state = first === undefined ? new Array<number>(batch * hidden).fill(0) : toNumbers(first);
  const all: number[] = [];
  for (let step = 0; step < steps; step++) {
    const before = state;
    state = before.map((_, at) => {
      const [row, unit] = [Math.floor(at / hidden), at % hidden];
      let total = 0;
      for (let k = 0; k < width; k++) total += into[unit * width + k]! * values[(step * batch + row) * width + k]!;
      for (let k = 0; k < hidden; k++) total += back[unit * hidden + k]! * before[row * hidden + k]!;
      return Math.tanh(total);
    });
    all.push(...state);
  }
  return [
    tensorFromNumbers('float32', [steps, 1, batch, hidden], all),
    tensorFromNumbers('float32', [1, batch, hidden], state),
  ];
}
