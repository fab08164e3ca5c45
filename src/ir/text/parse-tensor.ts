import { bitsOf, type DataType, kindOf, packedByteLength } from '../dtype.ts';
import { encodeNarrowFloat, isNarrowFloat } from '../float-formats.ts';
import { isStatic } from '../shape.ts';
import {
  elementCount,
  type SparseTensor,
  stringTensor,
  type Tensor,
  tensorFromBytes,
  tensorFromElements,
} from '../tensor.ts';
import type { ValueType } from '../value-type.ts';
import { floatOfText, type Literal, type TextCursor } from './parse-cursor.ts';
import { parseType } from './parse-type.ts';

/** The elements of a tensor of a type that has been read: `{1.0, 2.0}`. */
export function parseElements(cursor: TextCursor, type: ValueType): Tensor {
  if (type.kind !== 'tensor' || !isStatic(type.shape)) cursor.fail('elements need a tensor type with known sizes');
  const { dtype } = type;
  const dims = type.shape;
  const count = elementCount(dims) * (kindOf(dtype) === 'complex' ? 2 : 1);
  if (cursor.sees('[')) cursor.fail('external data cannot be read from a text');
  cursor.expect('{');
  if (cursor.sees('...'))
    cursor.fail('the elements have been left out', 'Print the model without leaving elements out.');
  if (cursor.seesHex && dtype !== 'string') return parseHexElements(cursor, dtype, dims);
  const literals = cursor.list('}', () => cursor.literal());
  if (literals.length !== count) cursor.fail(`expected ${count} elements before this, not ${literals.length}`);
  if (dtype === 'string')
    return stringTensor(
      dims,
      literals.map((literal) =>
        literal.kind === 'string' ? literal.bytes : cursor.fail('expected strings before this'),
      ),
    );
  return tensorFromElements(dtype, dims, elementArray(cursor, dtype, literals));
}

/** The parts of a sparse tensor of a type that has been read; see `printSparseParts`. */
export function parseSparseParts(cursor: TextCursor, type: ValueType): SparseTensor {
  if (type.kind !== 'sparse-tensor' || !isStatic(type.shape)) cursor.fail('a sparse tensor needs known sizes');
  cursor.expect('{');
  const values = parseElements(cursor, parseType(cursor));
  cursor.expect(',');
  const indices = parseElements(cursor, parseType(cursor));
  cursor.expect('}');
  return { dims: type.shape, values, indices };
}

function parseHexElements(cursor: TextCursor, dtype: DataType, dims: readonly number[]): Tensor {
  const bytes = cursor.hex()!;
  const expected = packedByteLength(dtype, elementCount(dims));
  if (bytes.byteLength !== expected) cursor.fail(`expected ${expected} bytes before this, not ${bytes.byteLength}`);
  cursor.expect('}');
  return tensorFromBytes(dtype, dims, bytes);
}

/** Integers are taken for the bits of the narrow float types, as ONNX has it; floats for their values. */
function elementArray(cursor: TextCursor, dtype: DataType, literals: readonly Literal[]) {
  const float = kindOf(dtype) === 'float' || kindOf(dtype) === 'complex';
  const numbers = literals.map((literal) => {
    if (literal.kind === 'string') return cursor.fail('expected numbers before this');
    if (literal.kind === 'float' && !float) return cursor.fail(`expected integers for ${dtype} before this`);
    return literal;
  });
  if (isNarrowFloat(dtype)) {
    const bits = numbers.map(({ kind, text }) =>
      kind === 'int' ? Number(text) : encodeNarrowFloat(dtype, floatOfText(text)),
    );
    return bitsOf(dtype) === 16 ? Uint16Array.from(bits) : Uint8Array.from(bits);
  }
  if (float) {
    const values = numbers.map(({ text }) => floatOfText(text));
    return dtype === 'float32' || dtype === 'complex64' ? Float32Array.from(values) : Float64Array.from(values);
  }
  return integerArray(
    cursor,
    dtype,
    numbers.map(({ text }) => BigInt(text)),
  );
}

function integerArray(cursor: TextCursor, dtype: DataType, values: readonly bigint[]) {
  const bits = dtype === 'bool' ? 1 : bitsOf(dtype);
  const signed = kindOf(dtype) === 'int';
  const [low, high] = signed ? [-(2n ** BigInt(bits - 1)), 2n ** BigInt(bits - 1) - 1n] : [0n, 2n ** BigInt(bits) - 1n];
  const wrong = values.find((value) => value < low || value > high);
  if (wrong !== undefined) cursor.fail(`${wrong}, before this, does not fit ${dtype}`);
  if (bits === 64) return signed ? BigInt64Array.from(values) : BigUint64Array.from(values);
  const numbers = values.map(Number);
  if (bits === 32) return signed ? Int32Array.from(numbers) : Uint32Array.from(numbers);
  if (bits === 16) return signed ? Int16Array.from(numbers) : Uint16Array.from(numbers);
  return signed ? Int8Array.from(numbers) : Uint8Array.from(numbers);
}

/** Fails where elements have been left out of the text. */
export function refuseElided(cursor: TextCursor): void {
  if (cursor.sees('...'))
    cursor.fail('the elements have been left out', 'Print the model without leaving elements out.');
}
