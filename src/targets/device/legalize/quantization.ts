import { intOf } from '../../../ir/attribute.ts';
import { elementCount, toNumbers } from '../../../ir/tensor.ts';
import type { TfQuantization, TfTensor } from '../tflite/tf-graph.ts';
import { cast } from './elementwise.ts';
import type { Legalization, LegalizationTable, LegalizeCall } from './legalization.ts';

/** The limits of the integer types that numbers are quantized to. */
const LIMITS: Readonly<Record<string, readonly [number, number]>> = {
  uint8: [0, 255],
  int8: [-128, 127],
  int16: [-32768, 32767],
  uint16: [0, 65535],
};

/** A scale or zero point as a tensor of floats that broadcasts: a number, or one per index along the node's axis. */
function parameter(call: LegalizeCall, index: number): TfTensor {
  const shape = call.shape(index);
  const rank = call.order.length;
  const constant = call.constant(index);
  if (shape.every((dim) => dim === 1)) {
    if (constant !== undefined) return call.floats([toNumbers(constant)[0]!], [], 'parameter');
    const flat = call.input(index);
    return cast(call, flat, 'float32');
  }
  if (shape.length !== 1 || constant === undefined) {
    return call.refuse({
      code: 'device-quantization-form',
      message: `${call.node.op} in blocks or with computed parameters`,
    });
  }
  const at = call.axis(intOf(call.node, 'axis') ?? 1, rank);
  const dims = call.order.map((_, k) => (k === at ? shape[0]! : 1));
  return call.floats(toNumbers(constant), dims, 'parameter');
}

/** Types whose quantized tensors TensorFlow Lite knows. */
const QUANTIZED_TYPES: ReadonlySet<string> = new Set(['int8', 'uint8']);

/** The scale and zero point of a node as a tensor's own, where both are single constants. */
function statedParams(call: LegalizeCall, type: string): TfQuantization | undefined {
  const scale = call.constant(1);
  const zero = call.constant(2);
  if (!QUANTIZED_TYPES.has(type) || scale === undefined || elementCount(scale.dims) !== 1) return undefined;
  if (call.has(2) && zero === undefined) return undefined;
  return { scales: toNumbers(scale), zeroPoints: zero === undefined ? [0] : toNumbers(zero), axis: 0 };
}

/** QUANTIZE, or clip(round(x / scale) + zero point) in floating point, where it is exact. */
const quantizeLinear: Legalization = (call) => {
  const type = call.resultType();
  const stated = statedParams(call, type);
  if (stated !== undefined && call.type(0) === 'float32') {
    call.bind(call.emit('QUANTIZE', [call.input(0)], { quantization: stated }));
    return;
  }
  const limits = LIMITS[type];
  if (limits === undefined) return call.refuse({ code: 'device-type', message: `QuantizeLinear to ${type}` });
  const x = cast(call, call.input(0), 'float32');
  const float = { type: 'float32' } as const;
  const rounded = call.emit('ROUND', [call.emit('DIV', [x, parameter(call, 1)], float)], float);
  const moved = call.has(2) ? call.emit('ADD', [rounded, parameter(call, 2)], float) : rounded;
  toInteger(call, moved, type, limits);
};

function toInteger(
  call: LegalizeCall,
  x: TfTensor,
  type: TfTensor['type'],
  [low, high]: readonly [number, number],
): void {
  const spec = { type: 'float32', shape: x.shape } as const;
  const above = call.emit('MAXIMUM', [x, call.scalar(low, 'float32')], spec);
  const within = call.emit('MINIMUM', [above, call.scalar(high, 'float32')], spec);
  // A cast to 8 bits goes through 32, as a cast from float to unsigned is not defined everywhere.
  call.bind(cast(call, cast(call, within, 'int32'), type));
}

/** DEQUANTIZE, or (x - zero point) * scale. */
const dequantizeLinear: Legalization = (call) => {
  const source = call.input(0);
  const stated = statedParams(call, source.type);
  const own = source.quantization;
  const same = own?.scales[0] === stated?.scales[0] && own?.zeroPoints[0] === stated?.zeroPoints[0];
  if (stated !== undefined && own !== undefined && same) {
    call.finish('DEQUANTIZE', [source]);
    return;
  }
  const x = cast(call, call.input(0), 'float32');
  const shifted = call.has(2) ? call.emit('SUB', [x, parameter(call, 2)]) : x;
  call.finish('MUL', [shifted, parameter(call, 1)]);
};

/** The three results of ONNX's DynamicQuantizeLinear, by its own definition. */
const dynamicQuantizeLinear: Legalization = (call) => {
  const x = call.input(0);
  const axes = call.integers(x.shape.map((_, k) => k));
  const scalar = { type: 'float32', shape: [] } as const;
  const zero = call.scalar(0, 'float32');
  const bound = (name: 'REDUCE_MAX' | 'REDUCE_MIN', pick: 'MAXIMUM' | 'MINIMUM'): TfTensor =>
    call.emit(pick, [call.emit(name, [x, axes], { ...scalar, options: { keep_dims: false } }), zero], scalar);
  const low = bound('REDUCE_MIN', 'MINIMUM');
  const high = bound('REDUCE_MAX', 'MAXIMUM');
  const range = call.emit('SUB', [high, low], scalar);
  const scale = call.emit('DIV', [range, call.scalar(255, 'float32')], scalar);
  const place = call.emit('ROUND', [call.emit('DIV', [call.emit('NEG', [low], scalar), scale], scalar)], scalar);
  const zeroPoint = call.emit(
    'MINIMUM',
    [call.emit('MAXIMUM', [place, zero], scalar), call.scalar(255, 'float32')],
    scalar,
  );
  const spec = { type: 'float32', shape: x.shape } as const;
  const steps = call.emit('ROUND', [call.emit('DIV', [x, scale], spec)], spec);
  toInteger(call, call.emit('ADD', [steps, zeroPoint], spec), 'uint8', [0, 255]);
  if (call.node.outputs[1] !== undefined) call.bind(scale, 1);
  if (call.node.outputs[2] !== undefined) call.bind(cast(call, cast(call, zeroPoint, 'int32'), 'uint8'), 2);
};

export const QUANTIZATION: LegalizationTable = {
  QuantizeLinear: quantizeLinear,
  DequantizeLinear: dequantizeLinear,
  DynamicQuantizeLinear: dynamicQuantizeLinear,
};
