import { intOf, textOf } from '../../ir/attribute.ts';
import type { Node } from '../../ir/node.ts';
import { shapeOf } from '../../ir/value-type.ts';
import { operatorKey } from '../operator-key.ts';
import { type DimBindings, elementsOfShape, sizesOfShape, type TypeOf, typeInGraph } from './sizes.ts';

/** Sizes around a node as a cost rule sees them. */
interface Sizes {
  readonly node: Node;
  /** The dimensions of operand `index`. */
  input(index: number): readonly number[] | undefined;
  /** Elements of result `index`, or of operand `index`. */
  outputCount(index: number): number | undefined;
  inputCount(index: number): number | undefined;
}

type MacRule = (sizes: Sizes) => number | undefined;

function product(...factors: readonly (number | undefined)[]): number | undefined {
  let total = 1;
  for (const factor of factors) {
    if (factor === undefined) return undefined;
    total *= factor;
  }
  return total;
}

/** Each result element sums over one filter: `C / group * kernel` products. `w` is the place of the weights. */
function convolution(w: number): MacRule {
  return (sizes) => product(sizes.outputCount(0), ...filter(sizes, w));
}

/** Each element of the data is spread over one filter. */
const transposedConvolution: MacRule = (sizes) => product(sizes.inputCount(0), ...filter(sizes, 1));

/** The dimensions of the weights but for the first. */
function filter(sizes: Sizes, w: number): readonly (number | undefined)[] {
  return sizes.input(w)?.slice(1) ?? [undefined];
}

/** Each result element sums over the last axis of the first operand. */
const matrixProduct: MacRule = (sizes) => product(sizes.outputCount(0), sizes.input(0)?.at(-1));

/** As `matrixProduct`, with a first operand that may be transposed. */
const transposableProduct: MacRule = (sizes) =>
  product(sizes.outputCount(0), sizes.input(0)?.at(intOf(sizes.node, 'transA') === 1 ? -2 : -1));

/** Every step of every sequence meets all input and recurrent weights. */
const recurrent: MacRule = (sizes) => {
  const data = sizes.input(0);
  const [weights, recurrence] = [sizes.inputCount(1), sizes.inputCount(2)];
  if (data === undefined || weights === undefined || recurrence === undefined) return undefined;
  return data[0]! * data[1]! * (weights + recurrence);
};

/** One product per combination of the labels, where each label counts once; exact for two operands. */
const einsum: MacRule = ({ node, input }) => {
  const subscripts = textOf(node, 'equation')?.replace(/\s/g, '').split('->')[0]?.split(',');
  if (subscripts === undefined || subscripts.length !== 2 || subscripts.some((each) => each.includes('.')))
    return undefined;
  const labels = new Map<string, number>();
  for (const [i, subscript] of subscripts.entries()) {
    const dims = input(i);
    if (dims?.length !== subscript.length) return undefined;
    for (const [at, label] of [...subscript].entries()) labels.set(label, Math.max(labels.get(label) ?? 1, dims[at]!));
  }
  return product(...labels.values());
};

/** Scores and weighted sum: per query and key one product for each element of a key and of a value. */
const attention: MacRule = ({ node, input }) => {
  const [query, key, value] = [input(0), input(1), input(2)];
  if (query === undefined || key === undefined || value === undefined) return undefined;
  const past = node.inputs[4] === undefined ? 0 : input(4)?.[2];
  if (past === undefined) return undefined;
  if (query.length === 4) return query[0]! * query[1]! * query[2]! * (key[2]! + past) * (query[3]! + value[3]!);
  const heads = intOf(node, 'q_num_heads');
  const keyHeads = intOf(node, 'kv_num_heads');
  if (heads === undefined || keyHeads === undefined) return undefined;
  return query[0]! * query[1]! * (key[1]! + past) * (query[2]! + (value[2]! / keyHeads) * heads);
};

/** The projection of the data to query, key and value, and the attention between all places. */
const projectedAttention: MacRule = (sizes) => {
  const data = sizes.input(0);
  const width = sizes.input(1)?.at(-1);
  if (data === undefined || width === undefined) return undefined;
  const [batch, length, hidden] = data as [number, number, number];
  return batch * length * hidden * width + (2 * batch * length * length * width) / 3;
};

const plainAttention: MacRule = ({ input }) => {
  const [query, key] = [input(0), input(1)];
  if (query?.length !== 3 || key?.length !== 3) return undefined;
  return 2 * query[0]! * query[1]! * key[1]! * query[2]!;
};

const RULES: ReadonlyMap<string, MacRule> = new Map([
  ['Conv', convolution(1)],
  ['ConvInteger', convolution(1)],
  ['QLinearConv', convolution(3)],
  ['DeformConv', convolution(1)],
  ['com.microsoft.FusedConv', convolution(1)],
  ['com.microsoft.NhwcConv', convolution(1)],
  ['com.microsoft.NhwcFusedConv', convolution(1)],
  ['com.microsoft.QLinearConv', convolution(3)],
  ['com.microsoft.nchwc.Conv', convolution(1)],
  ['ConvTranspose', transposedConvolution],
  ['com.microsoft.ConvTransposeWithDynamicPads', transposedConvolution],
  ['Gemm', transposableProduct],
  ['com.microsoft.FusedGemm', transposableProduct],
  ['com.microsoft.QGemm', transposableProduct],
  ['com.microsoft.FusedMatMul', transposableProduct],
  ['MatMul', matrixProduct],
  ['MatMulInteger', matrixProduct],
  ['QLinearMatMul', matrixProduct],
  ['com.microsoft.MatMulIntegerToFloat', matrixProduct],
  ['com.microsoft.DynamicQuantizeMatMul', matrixProduct],
  ['com.microsoft.MatMulNBits', matrixProduct],
  ['com.microsoft.GemmFastGelu', matrixProduct],
  ['Einsum', einsum],
  ['RNN', recurrent],
  ['GRU', recurrent],
  ['LSTM', recurrent],
  ['com.microsoft.DynamicQuantizeLSTM', recurrent],
  ['Attention', attention],
  ['com.microsoft.Attention', projectedAttention],
  ['com.microsoft.QAttention', projectedAttention],
  ['com.microsoft.MultiHeadAttention', plainAttention],
]);

/** Whether an operator multiplies and accumulates; the others cost no multiply-accumulates by definition. */
export function hasMacs(domain: string, op: string): boolean {
  return RULES.has(operatorKey(domain, op));
}

/**
 * Multiply-accumulates that a node takes: 0 for operators that are no products of matrices or filters, `undefined`
 * where a size is unknown. Symbols get their sizes from `bindings`, and 1 where those say nothing. What nested graphs
 * take is not counted: see `costOf`.
 */
export function macsOf(node: Node, bindings: DimBindings, typeOf: TypeOf = typeInGraph): number | undefined {
  const rule = RULES.get(operatorKey(node.domain, node.op));
  if (rule === undefined) return 0;
  const shape = (values: Node['inputs'], index: number) => {
    const value = values[index];
    return value === undefined ? undefined : shapeOf(typeOf(value));
  };
  return rule({
    node,
    input: (index) => sizesOfShape(shape(node.inputs, index), bindings),
    inputCount: (index) => elementsOfShape(shape(node.inputs, index), bindings),
    outputCount: (index) => elementsOfShape(shape(node.outputs, index), bindings),
  });
}
