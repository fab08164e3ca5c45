import { floatOf, intOf, textOf } from '../../ir/attribute.ts';
import { isFloat } from '../../ir/dtype.ts';
import { elementCount } from '../../ir/tensor.ts';
import { broadcastDims } from './broadcast.ts';
import { erf } from './erf.ts';
import { broadcastStrides, stridedPositions, takeElements } from './index-map.ts';
import { CannotEvaluate, type Kernel, type KernelCall, type KernelTable, normalizeAxis, operand } from './kernel.ts';
import { fromNumbers, numbersOf } from './number-access.ts';

type Activation = (x: number) => number;

/** Functions of one number, made for a node by its attributes. */
const ACTIVATIONS: Readonly<Record<string, (call: KernelCall) => Activation>> = {
  Erf: () => erf,
  Softplus: () => softplus,
  Softsign: () => (x) => x / (1 + Math.abs(x)),
  HardSigmoid: hardSigmoid(0.2),
  HardSwish: () => (x) => x * Math.max(0, Math.min(1, x / 6 + 0.5)),
  Mish: () => (x) => x * Math.tanh(softplus(x)),
  Swish: (call) => {
    const alpha = floatOf(call.node, 'alpha') ?? 1;
    return (x) => x / (1 + Math.exp(-alpha * x));
  },
  Gelu: ({ node }) =>
    (textOf(node, 'approximate') ?? 'none') === 'tanh'
      ? (x) => 0.5 * x * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x ** 3)))
      : (x) => 0.5 * x * (1 + erf(x / Math.SQRT2)),
  LeakyRelu: ({ node }) => {
    const alpha = floatOf(node, 'alpha') ?? Math.fround(0.01);
    return (x) => (x < 0 ? alpha * x : x);
  },
  Elu: ({ node }) => {
    const alpha = floatOf(node, 'alpha') ?? 1;
    return (x) => (x < 0 ? alpha * Math.expm1(x) : x);
  },
  Celu: ({ node }) => {
    const alpha = floatOf(node, 'alpha') ?? 1;
    return (x) => Math.max(0, x) + Math.min(0, alpha * Math.expm1(x / alpha));
  },
  Selu: ({ node }) => {
    const alpha = floatOf(node, 'alpha') ?? Math.fround(1.6732631921768188);
    const gamma = floatOf(node, 'gamma') ?? Math.fround(1.0507010221481323);
    return (x) => gamma * (x <= 0 ? alpha * Math.expm1(x) : x);
  },
  ThresholdedRelu: ({ node }) => {
    const alpha = floatOf(node, 'alpha') ?? 1;
    return (x) => (x > alpha ? x : 0);
  },
  Shrink: ({ node }) => {
    const [lambd, bias] = [floatOf(node, 'lambd') ?? 0.5, floatOf(node, 'bias') ?? 0];
    return (x) => (x < -lambd ? x + bias : x > lambd ? x - bias : 0);
  },
};

/** Activations, and the normalizations to probabilities; floats only. */
export const ACTIVATION_KERNELS: KernelTable = {
  ...Object.fromEntries(Object.entries(ACTIVATIONS).map(([name, make]) => [name, elementwise(make)])),
  PRelu: (call) => {
    const [x, slope] = [operand(call, 0), operand(call, 1)];
    if (!isFloat(x.dtype)) throw new CannotEvaluate(`PRelu of ${x.dtype}`);
    if (broadcastDims(x.dims, slope.dims).join() !== x.dims.join()) throw new CannotEvaluate('the slope is larger');
    const slopes = numbersOf(
      takeElements(slope, stridedPositions(x.dims, broadcastStrides(slope.dims, x.dims)), x.dims),
    );
    const values = Array.from(numbersOf(x), (value, i) => (value < 0 ? slopes[i]! * value : value));
    return [fromNumbers(x.dtype, x.dims, values)];
  },
  IsNaN: (call) => {
    const x = operand(call, 0);
    return [
      fromNumbers(
        'bool',
        x.dims,
        Array.from(numbersOf(x), (value) => Number(Number.isNaN(value))),
      ),
    ];
  },
  IsInf: (call) => {
    const x = operand(call, 0);
    const [negative, positive] = [intOf(call.node, 'detect_negative') ?? 1, intOf(call.node, 'detect_positive') ?? 1];
    const counts = (value: number): boolean =>
      (positive === 1 && value === Number.POSITIVE_INFINITY) || (negative === 1 && value === Number.NEGATIVE_INFINITY);
    return [
      fromNumbers(
        'bool',
        x.dims,
        Array.from(numbersOf(x), (value) => Number(counts(value))),
      ),
    ];
  },
  Softmax: alongAxis((row) => {
    const powers = exponentials(row);
    const total = powers.reduce((sum, value) => sum + value, 0);
    return powers.map((value) => value / total);
  }),
  LogSoftmax: alongAxis((row) => {
    const most = row.reduce((best, value) => Math.max(best, value), Number.NEGATIVE_INFINITY);
    const total = Math.log(exponentials(row).reduce((sum, value) => sum + value, 0));
    return row.map((value) => value - most - total);
  }),
  Hardmax: alongAxis((row) => {
    const best = row.indexOf(row.reduce((most, value) => Math.max(most, value), Number.NEGATIVE_INFINITY));
    return row.map((_, i) => Number(i === best));
  }),
};

function elementwise(make: (call: KernelCall) => Activation): Kernel {
  return (call) => {
    const x = operand(call, 0);
    if (!isFloat(x.dtype)) throw new CannotEvaluate(`${call.node.op} of ${x.dtype}`);
    return [fromNumbers(x.dtype, x.dims, Array.from(numbersOf(x), make(call)))];
  };
}

function hardSigmoid(defaultAlpha: number): (call: KernelCall) => Activation {
  return ({ node }) => {
    const [alpha, beta] = [floatOf(node, 'alpha') ?? Math.fround(defaultAlpha), floatOf(node, 'beta') ?? 0.5];
    return (x) => Math.max(0, Math.min(1, alpha * x + beta));
  };
}

function softplus(x: number): number {
  return Math.max(0, x) + Math.log1p(Math.exp(-Math.abs(x)));
}

function exponentials(row: readonly number[]): number[] {
  const most = row.reduce((best, value) => Math.max(best, value), Number.NEGATIVE_INFINITY);
  return row.map((value) => Math.exp(value - most));
}

/**
 * A function of the rows along `axis`: of that axis alone from opset 13 on, before it of that axis and all behind it as
 * one.
 */
function alongAxis(apply: (row: readonly number[]) => readonly number[]): Kernel {
  return (call) => {
    const x = operand(call, 0);
    if (!isFloat(x.dtype)) throw new CannotEvaluate(`${call.node.op} of ${x.dtype}`);
    const flattened = call.opset < 13;
    const axis = normalizeAxis(intOf(call.node, 'axis') ?? (flattened ? 1 : -1), x.dims.length);
    const length = flattened ? elementCount(x.dims.slice(axis)) : (x.dims[axis] ?? 1);
    const inner = flattened ? 1 : elementCount(x.dims.slice(axis + 1));
    const values = numbersOf(x);
    const result = new Float64Array(values.length);
    for (let start = 0; start < values.length; start += length * inner) {
      for (let offset = start; offset < start + inner; offset++) {
        const row = Array.from({ length }, (_, i) => values[offset + i * inner]!);
        for (const [i, value] of apply(row).entries()) result[offset + i * inner] = value;
      }
    }
    return [fromNumbers(x.dtype, x.dims, result)];
  };
}
