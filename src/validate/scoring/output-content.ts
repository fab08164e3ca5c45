import { kindOf } from '../../ir/dtype.ts';
import { elements, type Tensor, toNumbers, toStrings } from '../../ir/tensor.ts';
import type { NonTensor, OutputValue } from '../../runtime/session.ts';

/** An output's elements, ready to compare. */
export type OutputContent =
  | {
      /** `numbers` are measured by how far apart they are; `labels` (indices, counts, flags) are the same or not. */
      readonly nature: 'numbers' | 'labels';
      readonly dims: readonly number[];
      readonly values: ArrayLike<number>;
      /** Whether the elements are floats, so that quantized integers are not taken for them unnoticed. */
      readonly float: boolean;
      /** What each element is of, where the output was a map from class to score. */
      readonly keys?: readonly string[];
    }
  | { readonly nature: 'text'; readonly dims: readonly number[]; readonly texts: readonly string[] };

/** Outputs by name, in the model's order; without those that hold nothing to compare. */
export type OutputContents = ReadonlyMap<string, OutputContent>;

/**
 * Reads an output as elements. Integers of up to 16 bits are numbers, since quantized outputs have those types; wider
 * integers and booleans are labels. Complex elements become pairs of numbers. Of outputs that are no tensor, maps from
 * class to score are read (also as the only entry of a sequence); undefined for others.
 */
export function outputContent(value: OutputValue): OutputContent | undefined {
  return isNonTensor(value) ? mapContent(value.value) : tensorContent(value);
}

/** Reads every output that can be. */
export function outputContents(outputs: ReadonlyMap<string, OutputValue>): OutputContents {
  const contents = new Map<string, OutputContent>();
  for (const [name, value] of outputs) {
    const content = outputContent(value);
    if (content !== undefined) contents.set(name, content);
  }
  return contents;
}

/** Whether at most one axis is longer than 1, as the scores of one sample are: [C], [1,C], [1,1,C], [1,C,1,1]. */
export function isVector({ dims }: OutputContent): boolean {
  return dims.filter((dim) => dim !== 1).length <= 1;
}

/** Number of elements. */
export function countOf({ dims }: OutputContent): number {
  return dims.reduce((product, dim) => product * dim, 1);
}

/** Dimensions without the ones, in which runtimes differ: [1,10] and [10] hold the same. */
export function squeezed({ dims }: OutputContent): readonly number[] {
  return dims.filter((dim) => dim !== 1);
}

const LABEL_TYPES: ReadonlySet<string> = new Set(['int32', 'int64', 'uint32', 'uint64', 'bool']);

function tensorContent(tensor: Tensor): OutputContent {
  const { dtype, dims } = tensor;
  const kind = kindOf(dtype);
  if (kind === 'string') return { nature: 'text', dims, texts: toStrings(tensor) };
  const nature = LABEL_TYPES.has(dtype) ? 'labels' : 'numbers';
  if (kind === 'complex') {
    return { nature, dims: [...dims, 2], values: elements(tensor) as Float32Array | Float64Array, float: true };
  }
  return { nature, dims, values: plainNumbers(tensor), float: kind === 'float' };
}

/** The elements without a copy where the typed array already holds their values. */
function plainNumbers(tensor: Tensor): ArrayLike<number> {
  const array = elements(tensor);
  const asTheyAre = !(array instanceof BigInt64Array) && !(array instanceof BigUint64Array);
  const native = tensor.dtype === 'float32' || tensor.dtype === 'float64' || kindOf(tensor.dtype) !== 'float';
  return asTheyAre && native ? array : toNumbers(tensor);
}

function mapContent(value: unknown): OutputContent | undefined {
  const map = Array.isArray(value) && value.length === 1 ? value[0] : value;
  if (typeof map !== 'object' || map === null || Array.isArray(map) || ArrayBuffer.isView(map)) return undefined;
  const entries = [...(map instanceof Map ? map : Object.entries(map))].map(([key, score]) => [String(key), score]);
  entries.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
  if (entries.length === 0 || !entries.every(([, score]) => typeof score === 'number')) return undefined;
  const keys = entries.map(([key]) => key as string);
  return {
    nature: 'numbers',
    dims: [keys.length],
    values: entries.map(([, score]) => score as number),
    float: true,
    keys,
  };
}

function isNonTensor(value: OutputValue): value is NonTensor {
  return 'kind' in value && value.kind === 'non-tensor';
}
