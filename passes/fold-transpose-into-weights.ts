import { intOf } from '../src/ir/attribute.ts';
import { isStatic, type Shape } from '../src/ir/shape.ts';
import { elementCount, type Tensor, tensorBytes } from '../src/ir/tensor.ts';
import { soleUse } from '../src/ir/value.ts';
import { shapeOf } from '../src/ir/value-type.ts';
import { productOfDims } from '../src/ops/dims/dim-arithmetic.ts';
import { constantIntegers } from '../src/rewrite/constant-numbers.ts';
import { constant, op, v } from '../src/rewrite/pattern.ts';
import { defineRule } from '../src/rewrite/rule.ts';
import { rulePass } from '../src/rewrite/rule-pass.ts';
import { transposeOrder } from '../src/rewrite/transpose-order.ts';

const FLOATS: readonly string[] = ['float32', 'float16', 'bfloat16', 'float64'];

const flattenedTranspose = defineRule({
  name: 'transpose-into-weights',
  match: op(
    ['Gemm', 'MatMul'],
    op(['Flatten', 'Reshape'], op('Transpose', v('x')).as('transpose'))
      .variadic()
      .as('flat'),
    constant('weights'),
  )
    .variadic()
    .as('layer'),
  plan: ({ x, transpose, flat, weights, layer }) => {
    const shape = shapeOf(x.type);
    const rows = shapeOf(flat.outputs[0]?.type);
    if (shape === undefined || rows?.length !== 2) return 'the shapes are not proven';
    if (intOf(layer, 'transA') === 1) return 'the Gemm transposes what is flattened';
    if (weights.constant.dims.length !== 2 || !FLOATS.includes(weights.constant.dtype))
      return 'the weights are no matrix of floats';
    if (soleUse(weights) === undefined) return 'the weights are used elsewhere';
    const perm = transposeOrder(transpose);
    const sizes = shape.slice(1);
    if (perm?.[0] !== 0 || !isStatic(sizes)) return 'the Transpose moves the first axis, or others of unknown size';
    if (productOfDims(sizes) !== rows[1] || !flattensBehindFirst(flat.op, constantIntegers(flat.inputs[1]), flat))
      return 'what is flattened is not all but the first axis';
    const column = intOf(layer, 'transB') === 1;
    if (weights.constant.dims[column ? 1 : 0] !== rows[1]) return 'the weights do not fit what is flattened';
    return { sources: sourcesOf(sizes, perm.slice(1)), column };
  },
  rewrite: ({ x, flat, weights, layer }, build, { sources, column }) => {
    const flattened = build.copy(flat, { inputs: [x, ...flat.inputs.slice(1)] }).outputs[0];
    const turned = build.constant(moved(weights.constant, sources, column), weights);
    return build.copy(layer, { inputs: [flattened, turned, ...layer.inputs.slice(2)] }).outputs[0]!;
  },
});

/**
 * Leaves out the Transpose before a tensor is flattened for a layer with weights, and turns the weights instead: models
 * that were trained channels last flatten that way.
 */
export const foldTransposeIntoWeights = rulePass({
  name: 'fold-transpose-into-weights',
  summary: 'Turn the weights behind a flattened Transpose instead of the tensor',
  effect: 'reassociates',
  rules: [flattenedTranspose],
});

function flattensBehindFirst(
  name: string,
  target: readonly number[] | undefined,
  flat: Parameters<typeof intOf>[0],
): boolean {
  if (name === 'Flatten') return (intOf(flat, 'axis') ?? 1) === 1;
  // A copied second dimension would be another one without the Transpose.
  return target !== undefined && target[1] !== 0;
}

/** For each place of the flattened operand the place that it has after the Transpose. */
function sourcesOf(sizes: Shape & readonly number[], perm: readonly number[]): readonly number[] {
  const axes = perm.map((axis) => axis - 1);
  const turned = axes.map((axis) => sizes[axis]!);
  const strideOf = new Map(axes.map((axis, at) => [axis, elementCount(turned.slice(at + 1))]));
  return Array.from({ length: elementCount(sizes) }, (_, place) => {
    let rest = place;
    let source = 0;
    for (let axis = sizes.length - 1; axis >= 0; axis--) {
      source += (rest % sizes[axis]!) * strideOf.get(axis)!;
      rest = Math.floor(rest / sizes[axis]!);
    }
    return source;
  });
}

/** A matrix with its rows, or with `column` its columns, taken from these places. */
function moved(matrix: Tensor, sources: readonly number[], column: boolean): Tensor {
  const [rows = 0, columns = 0] = matrix.dims;
  const from = tensorBytes(matrix);
  const bytes = new Uint8Array(from.length);
  const size = from.length / Math.max(1, rows * columns);
  const copy = (to: number, source: number, count: number): void =>
    bytes.set(from.subarray(source * size, (source + count) * size), to * size);
  if (column) {
    for (let row = 0; row < rows; row++) {
      for (const [to, source] of sources.entries()) copy(row * columns + to, row * columns + source, 1);
    }
  } else for (const [to, source] of sources.entries()) copy(to * columns, source * columns, columns);
  return { dtype: matrix.dtype, dims: matrix.dims, storage: { kind: 'bytes', bytes } };
}
