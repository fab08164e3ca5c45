import { floatOf, intOf, intsOf, textOf } from '../../../src/ir/attribute.ts';
import { elementCount, type Tensor, tensorFromNumbers, toNumbers } from '../../../src/ir/tensor.ts';
import type { KernelCall } from '../../../src/ops/evaluate/kernel.ts';

/**
 * Computes the float form of a layer as its specification says, as plainly as can be, in 64 bits rounded once;
 * undefined for what it does not cover.
 */
export type LayerKernel = (call: KernelCall) => readonly Tensor[] | undefined;

/** The operators that networks are made of and that nothing but the fuzzer computes. */
export const LAYER_KERNELS: Readonly<Record<string, LayerKernel>> = {
  MatMul: ({ inputs: [a, b] }) => (bothFloats(a, b) ? matMul(a!, b!) : undefined),
  Gemm: gemm,
  Conv: convolution,
  BatchNormalization: batchNormalization,
  GlobalAveragePool: ({ inputs: [x] }) => pooled(x, (values) => sum(values) / values.length),
  GlobalMaxPool: ({ inputs: [x] }) => pooled(x, (values) => Math.max(...values)),
  Softmax: softmax,
  Dropout: ({ node, inputs: [x, , training] }) =>
    x === undefined || training !== undefined || node.outputs.length > 1 ? undefined : [x],
  Erf: ({ inputs: [x] }) => mapped(x, erf),
  HardSigmoid: ({ node, inputs: [x] }) =>
    mapped(x, (value) => clamp((floatOf(node, 'alpha') ?? Math.fround(0.2)) * value + (floatOf(node, 'beta') ?? 0.5))),
  HardSwish: ({ inputs: [x] }) => mapped(x, (value) => value * clamp(value / 6 + 0.5)),
  LeakyRelu: ({ node, inputs: [x] }) =>
    mapped(x, (value) => (value < 0 ? value * (floatOf(node, 'alpha') ?? Math.fround(0.01)) : value)),
  Softplus: ({ inputs: [x] }) => mapped(x, (value) => Math.log1p(Math.exp(value))),
  Softsign: ({ inputs: [x] }) => mapped(x, (value) => value / (1 + Math.abs(value))),
};

const clamp = (value: number): number => Math.min(1, Math.max(0, value));
const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

function isFloat32(tensor: Tensor | undefined): tensor is Tensor {
  return tensor?.dtype === 'float32';
}

function bothFloats(a: Tensor | undefined, b: Tensor | undefined): boolean {
  return isFloat32(a) && isFloat32(b);
}

function floats(dims: readonly number[], values: readonly number[]): readonly Tensor[] {
  return [tensorFromNumbers('float32', dims, values)];
}

function mapped(x: Tensor | undefined, apply: (value: number) => number): readonly Tensor[] | undefined {
  return isFloat32(x) ? floats(x.dims, toNumbers(x).map(apply)) : undefined;
}

function matMul(a: Tensor, b: Tensor): readonly Tensor[] | undefined {
  if (a.dims.length < 2 || b.dims.length < 2) return undefined;
  const [rows, inner] = a.dims.slice(-2) as [number, number];
  const [other, columns] = b.dims.slice(-2) as [number, number];
  if (inner !== other) return undefined;
  const batch = broadcast(a.dims.slice(0, -2), b.dims.slice(0, -2));
  if (batch === undefined) return undefined;
  const [left, right] = [toNumbers(a), toNumbers(b)];
  const out: number[] = [];
  for (let at = 0; at < elementCount(batch); at++) {
    const fromA = positionIn(batch, a.dims.slice(0, -2), at) * rows * inner;
    const fromB = positionIn(batch, b.dims.slice(0, -2), at) * inner * columns;
    for (let row = 0; row < rows; row++)
      for (let column = 0; column < columns; column++) {
        let total = 0;
        for (let k = 0; k < inner; k++) total += left[fromA + row * inner + k]! * right[fromB + k * columns + column]!;
        out.push(total);
      }
  }
  return floats([...batch, rows, columns], out);
}

function gemm({ node, inputs: [a, b, c] }: KernelCall): readonly Tensor[] | undefined {
  if (!isFloat32(a) || !isFloat32(b) || a.dims.length !== 2 || b.dims.length !== 2) return undefined;
  const turned = (tensor: Tensor, name: string) => (intOf(node, name) === 1 ? transposed(tensor) : tensor);
  const [product] = matMul(turned(a, 'transA'), turned(b, 'transB')) ?? [];
  if (product === undefined) return undefined;
  const alpha = floatOf(node, 'alpha') ?? 1;
  const beta = floatOf(node, 'beta') ?? 1;
  const bias = c === undefined ? undefined : toNumbers(c);
  if (c !== undefined && broadcast(product.dims, c.dims)?.join() !== product.dims.join()) return undefined;
  const values = toNumbers(product).map(
    (value, at) => alpha * value + (bias === undefined ? 0 : beta * bias[positionIn(product.dims, c!.dims, at)]!),
  );
  return floats(product.dims, values);
}

function transposed({ dtype, dims: [rows, columns], ...tensor }: Tensor): Tensor {
  const values = toNumbers({ dtype, dims: [rows!, columns!], ...tensor });
  const turned = values.map((_, at) => values[(at % rows!) * columns! + Math.floor(at / rows!)]!);
  return tensorFromNumbers(dtype, [columns!, rows!], turned);
}

function convolution({ node, inputs: [x, w, b] }: KernelCall): readonly Tensor[] | undefined {
  if (!isFloat32(x) || !isFloat32(w) || x.dims.length !== 4 || w.dims.length !== 4) return undefined;
  const [n, c, height, width] = x.dims as [number, number, number, number];
  const [m, perGroup, kh, kw] = w.dims as [number, number, number, number];
  const group = intOf(node, 'group') ?? 1;
  if (perGroup * group !== c || m % group !== 0) return undefined;
  const [sh, sw] = (intsOf(node, 'strides') ?? [1, 1]) as [number, number];
  const [dh, dw] = (intsOf(node, 'dilations') ?? [1, 1]) as [number, number];
  const pads = paddingOf(node, [height, width], [(kh - 1) * dh + 1, (kw - 1) * dw + 1], [sh, sw]);
  if (pads === undefined) return undefined;
  const [top, left, bottom, right] = pads as [number, number, number, number];
  const rows = Math.floor((height + top + bottom - (kh - 1) * dh - 1) / sh) + 1;
  const columns = Math.floor((width + left + right - (kw - 1) * dw - 1) / sw) + 1;
  if (rows < 1 || columns < 1) return undefined;
  const [values, weights, bias] = [toNumbers(x), toNumbers(w), b === undefined ? undefined : toNumbers(b)];
  const out: number[] = [];
  for (let image = 0; image < n; image++)
    for (let channel = 0; channel < m; channel++) {
      const first = Math.floor(channel / (m / group)) * perGroup;
      for (let row = 0; row < rows; row++)
        for (let column = 0; column < columns; column++) {
          let total = bias?.[channel] ?? 0;
          for (let k = 0; k < perGroup; k++)
            for (let i = 0; i < kh; i++)
              for (let j = 0; j < kw; j++) {
                const y = row * sh + i * dh - top;
                const z = column * sw + j * dw - left;
                if (y < 0 || y >= height || z < 0 || z >= width) continue;
                const at = ((image * c + first + k) * height + y) * width + z;
                total += values[at]! * weights[((channel * perGroup + k) * kh + i) * kw + j]!;
              }
          out.push(total);
        }
    }
  return floats([n, m, rows, columns], out);
}

/** The pads of a convolution: top, left, bottom, right. */
function paddingOf(
  node: KernelCall['node'],
  sizes: readonly number[],
  kernels: readonly number[],
  strides: readonly number[],
): readonly number[] | undefined {
  const mode = textOf(node, 'auto_pad') ?? 'NOTSET';
  if (mode === 'NOTSET') return intsOf(node, 'pads') ?? [0, 0, 0, 0];
  if (mode === 'VALID') return [0, 0, 0, 0];
  if (mode !== 'SAME_UPPER' && mode !== 'SAME_LOWER') return undefined;
  const totals = sizes.map((size, axis) =>
    Math.max(0, (Math.ceil(size / strides[axis]!) - 1) * strides[axis]! + kernels[axis]! - size),
  );
  const less = totals.map((total) => Math.floor(total / 2));
  const more = totals.map((total) => Math.ceil(total / 2));
  return mode === 'SAME_UPPER' ? [...less, ...more] : [...more, ...less];
}

function batchNormalization({ node, inputs }: KernelCall): readonly Tensor[] | undefined {
  const [x, ...parameters] = inputs;
  if (!isFloat32(x) || x.dims.length < 2 || parameters.length !== 4 || node.outputs.length > 1) return undefined;
  if (!parameters.every(isFloat32) || intOf(node, 'training_mode') === 1) return undefined;
  const [scale, shift, mean, variance] = parameters.map((tensor) => toNumbers(tensor as Tensor));
  const channels = x.dims[1]!;
  const inner = elementCount(x.dims.slice(2));
  const epsilon = floatOf(node, 'epsilon') ?? Math.fround(1e-5);
  const values = toNumbers(x).map((value, at) => {
    const channel = Math.floor(at / inner) % channels;
    return (scale![channel]! * (value - mean![channel]!)) / Math.sqrt(variance![channel]! + epsilon) + shift![channel]!;
  });
  return floats(x.dims, values);
}

function pooled(x: Tensor | undefined, of: (values: readonly number[]) => number): readonly Tensor[] | undefined {
  if (!isFloat32(x) || x.dims.length < 3) return undefined;
  const inner = elementCount(x.dims.slice(2));
  if (inner === 0) return undefined;
  const values = toNumbers(x);
  const out = Array.from({ length: values.length / inner }, (_, at) => of(values.slice(at * inner, (at + 1) * inner)));
  return floats([...x.dims.slice(0, 2), ...x.dims.slice(2).map(() => 1)], out);
}

function softmax({ node, inputs: [x], opset }: KernelCall): readonly Tensor[] | undefined {
  if (!isFloat32(x) || opset < 13 || x.dims.length === 0) return undefined;
  const axis = intOf(node, 'axis') ?? -1;
  const from = axis < 0 ? axis + x.dims.length : axis;
  const length = x.dims[from];
  if (length === undefined) return undefined;
  const stride = elementCount(x.dims.slice(from + 1));
  const values = toNumbers(x);
  const out = values.map((value, at) => {
    const start = at - (Math.floor(at / stride) % length) * stride;
    const row = Array.from({ length }, (_, k) => values[start + k * stride]!);
    const most = Math.max(...row);
    return Math.exp(value - most) / sum(row.map((other) => Math.exp(other - most)));
  });
  return floats(x.dims, out);
}

/** Abramowitz and Stegun 7.1.26 is too coarse for a comparison; this is the series of 7.1.6, exact for |x| < 4. */
function erf(x: number): number {
  if (Math.abs(x) >= 4) return Math.sign(x);
  let term = x;
  let total = x;
  for (let n = 1; n < 120 && Math.abs(term) > 1e-17 * Math.abs(total); n++) {
    term *= (2 * x * x) / (2 * n + 1);
    total += term;
  }
  return (2 / Math.sqrt(Math.PI)) * Math.exp(-x * x) * total;
}

/** The dimensions that two shapes broadcast to; undefined where they do not. */
function broadcast(a: readonly number[], b: readonly number[]): readonly number[] | undefined {
  const rank = Math.max(a.length, b.length);
  const dims: number[] = [];
  for (let axis = 0; axis < rank; axis++) {
    const left = a[axis - rank + a.length] ?? 1;
    const right = b[axis - rank + b.length] ?? 1;
    if (left !== right && left !== 1 && right !== 1) return undefined;
    dims.push(left === 1 ? right : left);
  }
  return dims;
}

/** Where element `at` of a tensor of `dims` stands in one of `from` that is broadcast to it. */
function positionIn(dims: readonly number[], from: readonly number[], at: number): number {
  let position = 0;
  let stride = 1;
  let rest = at;
  for (let axis = dims.length - 1; axis >= 0; axis--) {
    const size = from[axis - dims.length + from.length];
    const index = rest % dims[axis]!;
    rest = Math.floor(rest / dims[axis]!);
    if (size === undefined) continue;
    if (size !== 1) position += index * stride;
    stride *= size;
  }
  return position;
}
