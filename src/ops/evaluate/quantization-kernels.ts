import { intOf } from '../../ir/attribute.ts';
import { bitsOf, DATA_TYPES, type DataType, isInteger, kindOf } from '../../ir/dtype.ts';
import { roundHalfToEven } from '../../ir/float-formats.ts';
import { elementCount, type Tensor } from '../../ir/tensor.ts';
import { CannotEvaluate, type KernelCall, type KernelTable, normalizeAxis, operand } from './kernel.ts';
import { fromNumbers, numbersOf } from './number-access.ts';

/** Linear quantization to integers: per tensor, per axis, in blocks. Float8 and float4 results are declined. */
export const QUANTIZATION_KERNELS: KernelTable = {
  QuantizeLinear: (call) => {
    const [x, scale, zero] = [operand(call, 0), operand(call, 1), call.inputs[2]];
    const given = DATA_TYPES[(intOf(call.node, 'output_dtype') ?? 0) - 1];
    const dtype = zero?.dtype ?? given ?? 'uint8';
    if (!isInteger(dtype) || bitsOf(dtype) > 16) throw new CannotEvaluate(`quantization to ${dtype}`);
    // In float16 the division itself rounds; the precision is an attribute of its own there.
    if (x.dtype !== 'float32' || scale.dtype !== 'float32') throw new CannotEvaluate(`quantization of ${x.dtype}`);
    const at = parameterIndex(call, x, scale);
    const [values, scales] = [numbersOf(x), numbersOf(scale)];
    const zeros = zero === undefined ? undefined : numbersOf(zero);
    const result = Array.from({ length: values.length }, (_, i) => {
      const parameter = at(i);
      const rounded = roundHalfToEven(Math.fround(values[i]! / scales[parameter]!));
      return saturated(rounded + (zeros?.[parameter] ?? 0), dtype);
    });
    return [fromNumbers(dtype, x.dims, result)];
  },
  DequantizeLinear: (call) => {
    const [x, scale, zero] = [operand(call, 0), operand(call, 1), call.inputs[2]];
    if (!isInteger(x.dtype) || scale.dtype !== 'float32') throw new CannotEvaluate(`dequantization of ${x.dtype}`);
    const at = parameterIndex(call, x, scale);
    const [values, scales] = [numbersOf(x), numbersOf(scale)];
    const zeros = zero === undefined ? undefined : numbersOf(zero);
    const result = Array.from({ length: values.length }, (_, i) => {
      const parameter = at(i);
      return Math.fround(values[i]! - (zeros?.[parameter] ?? 0)) * scales[parameter]!;
    });
    return [fromNumbers('float32', x.dims, result)];
  },
  DynamicQuantizeLinear: (call) => {
    const x = operand(call, 0);
    const values = numbersOf(x);
    let [low, high] = [0, 0];
    for (let i = 0; i < values.length; i++) {
      low = Math.min(low, values[i]!);
      high = Math.max(high, values[i]!);
    }
    const scale = Math.fround(Math.fround(high - low) / 255);
    if (!(scale > 0)) throw new CannotEvaluate('a range of no width');
    const zero = Math.max(0, Math.min(255, roundHalfToEven(Math.fround(-low / scale))));
    const quantized = Array.from(values, (value) =>
      saturated(roundHalfToEven(Math.fround(value / scale)) + zero, 'uint8'),
    );
    return [
      fromNumbers('uint8', x.dims, quantized),
      fromNumbers('float32', [], [scale]),
      fromNumbers('uint8', [], [zero]),
    ];
  },
};

/** Which scale and zero point belong to an element, by its place. */
function parameterIndex(call: KernelCall, x: Tensor, scale: Tensor): (i: number) => number {
  if (elementCount(scale.dims) === 1) return () => 0;
  const axis = normalizeAxis(intOf(call.node, 'axis') ?? 1, x.dims.length);
  const inner = elementCount(x.dims.slice(axis + 1));
  const size = x.dims[axis]!;
  const block = intOf(call.node, 'block_size') ?? 0;
  if (block === 0) {
    if (scale.dims.length !== 1 || scale.dims[0] !== size) throw new CannotEvaluate('scales that fit no axis');
    return (i) => Math.floor(i / inner) % size;
  }
  const blocks = scale.dims[axis];
  if (scale.dims.length !== x.dims.length || blocks === undefined || blocks !== Math.ceil(size / block))
    throw new CannotEvaluate('scales that fit no blocks');
  return (i) => {
    const outer = Math.floor(i / (inner * size));
    return (outer * blocks + Math.floor((Math.floor(i / inner) % size) / block)) * inner + (i % inner);
  };
}

function saturated(value: number, dtype: DataType): number {
  const bits = bitsOf(dtype);
  const low = kindOf(dtype) === 'int' ? -(2 ** (bits - 1)) : 0;
  return Math.max(low, Math.min(low + 2 ** bits - 1, value));
}
