import type { Dim, Shape } from '../../../ir/shape.ts';
import { tensorType } from '../../../ir/value-type.ts';
import { broadcastShapes } from '../broadcast.ts';
import type { InferRule, InferRules } from '../infer-rule.ts';

/** The shape of `numpy.matmul`: vectors lose their axis again, leading axes are broadcast. */
export function matmulShape(a: Shape | undefined, b: Shape | undefined): Shape | undefined {
  if (a === undefined || b === undefined || a.length === 0 || b.length === 0) return undefined;
  const batch = broadcastShapes([a.slice(0, -2), b.slice(0, -2)]);
  return batch && [...batch, ...(a.length > 1 ? [a.at(-2)] : []), ...(b.length > 1 ? [b.at(-1)] : [])];
}

function matmul(a: number, b: number): InferRule {
  return (call) => [matmulShape(call.shape(a), call.shape(b))];
}

/** `A` and `B` are matrices, transposed where `transA` and `transB` say so. */
const gemm: InferRule = (call) => {
  const a = call.shape(0);
  const b = call.shape(1);
  return [[call.int('transA') ? a?.[1] : a?.[0], call.int('transB') ? b?.[0] : b?.[1]]];
};

/** Operands come with scale and zero point; without a zero point of its own the result is float32. */
const quantizedGemm: InferRule = (call) => {
  const a = call.shape(0);
  const b = call.shape(3);
  const dtype = call.has(8) ? call.dtype(8) : 'float32';
  const shape = [call.int('transA') ? a?.[1] : a?.[0], call.int('transB') ? b?.[0] : b?.[1]];
  return [dtype && tensorType(dtype, shape)];
};

function swapped(shape: Shape | undefined, swap: boolean): Shape | undefined {
  return swap && shape !== undefined && shape.length > 1 ? [...shape.slice(0, -2), shape.at(-1), shape.at(-2)] : shape;
}

/** `MatMul` with operands whose last two axes are swapped first; batch axes moved by `transBatch` are not followed. */
const fusedMatMul: InferRule = (call) => {
  if (call.int('transBatchA') || call.int('transBatchB')) return [undefined];
  return [
    matmulShape(swapped(call.shape(0), call.int('transA') === 1), swapped(call.shape(1), call.int('transB') === 1)),
  ];
};

/** `Einsum` after its equation, with an ellipsis for broadcast axes. */
const einsum: InferRule = (call) => {
  const equation = call.text('equation')?.replace(/\s/g, '');
  return [
    equation === undefined
      ? undefined
      : einsumShape(
          equation,
          call.node.inputs.map((_, i) => call.shape(i)),
        ),
  ];
};

/** The shape of an Einstein sum; unknown where an operand's rank is, or does not fit the equation. */
export function einsumShape(equation: string, shapes: readonly (Shape | undefined)[]): Shape | undefined {
  const [left = '', right] = equation.split('->');
  const subscripts = left.split(',');
  const sizes = new Map<string, Dim>();
  const spread: Shape[] = [];
  for (const [i, subscript] of subscripts.entries()) {
    const shape = shapes[i];
    if (shape === undefined || !/^[A-Za-z]*(\.\.\.)?[A-Za-z]*$/.test(subscript)) return undefined;
    const [before = '', after] = subscript.split('...');
    const named = before.length + (after?.length ?? 0);
    if (after === undefined ? shape.length !== named : shape.length < named) return undefined;
    const labels = [...before, ...(after ?? '')];
    const dims = [...shape.slice(0, before.length), ...shape.slice(shape.length - (after?.length ?? 0))].slice(
      0,
      labels.length,
    );
    // A size of 1 is broadcast against the others that share its label.
    for (const [at, label] of labels.entries()) {
      const [dim] = sizes.has(label) ? (broadcastShapes([[sizes.get(label)], [dims[at]]]) ?? []) : [dims[at]];
      sizes.set(label, dim);
    }
    if (after !== undefined) spread.push(shape.slice(before.length, shape.length - after.length));
  }
  const ellipsis = spread.length === 0 ? [] : broadcastShapes(spread);
  if (ellipsis === undefined || subscripts.length !== shapes.length) return undefined;
  const result = right ?? implicitResult(left);
  return result
    .split('...')
    .flatMap((part, i) => [...(i > 0 ? ellipsis : []), ...[...part].map((label) => sizes.get(label))]);
}

/** Without an arrow: the broadcast axes, then the labels that appear once, in alphabetical order. */
function implicitResult(left: string): string {
  const labels = [...left.replace(/[^A-Za-z]/g, '')];
  const once = labels.filter((label) => labels.indexOf(label) === labels.lastIndexOf(label)).sort();
  return (left.includes('...') ? '...' : '') + once.join('');
}

/** A matrix of quantized weights with `K` rows and `N` columns, given as attributes. */
const packedWeights: InferRule = (call) => {
  const a = call.shape(0);
  return [a && [...a.slice(0, -1), call.int('N')]];
};

export const MATMUL_RULES: InferRules = {
  MatMul: matmul(0, 1),
  MatMulInteger: matmul(0, 1),
  QLinearMatMul: matmul(0, 3),
  Gemm: gemm,
  Einsum: einsum,
  Det: (call) => [call.shape(0)?.slice(0, -2)],
  'com.microsoft.FusedMatMul': fusedMatMul,
  'com.microsoft.TransposeMatMul': fusedMatMul,
  'com.microsoft.FusedMatMulActivation': fusedMatMul,
  'com.microsoft.FusedGemm': gemm,
  'com.microsoft.GemmFastGelu': matmul(0, 1),
  'com.microsoft.QGemm': quantizedGemm,
  'com.microsoft.MatMulInteger16': matmul(0, 1),
  'com.microsoft.MatMulIntegerToFloat': (call) => {
    const dtype = call.dtype(2);
    return [dtype && tensorType(dtype, matmulShape(call.shape(0), call.shape(1)))];
  },
  'com.microsoft.DynamicQuantizeMatMul': matmul(0, 1),
  'com.microsoft.MatMulNBits': packedWeights,
  'com.microsoft.MatMulBnb4': packedWeights,
};
