import { bitsOf, kindOf } from '../ir/dtype.ts';
import { roundHalfToEven } from '../ir/float-formats.ts';
import { elements, type Tensor, tensorFromElements, tensorFromNumbers, toFloat32 } from '../ir/tensor.ts';
import type { OutputValue, Port, Session } from './session.ts';

/** The numbers `scale * (q - zeroPoint)` that the integers of an input or output stand for. */
export interface PortQuantization {
  readonly scale: number;
  readonly zeroPoint: number;
}

/**
 * A session that takes and gives float32 where the model has quantized integers at its borders: inputs are rounded half
 * to even and saturated, outputs multiplied out. Ports without parameters pass as they are.
 */
export function withFloatPorts(session: Session, quantization: ReadonlyMap<string, PortQuantization>): Session {
  const floatPort = (port: Port): Port => (quantization.has(port.name) ? { ...port, dtype: 'float32' } : port);
  return {
    runtime: session.runtime,
    inputs: session.inputs.map(floatPort),
    outputs: session.outputs.map(floatPort),
    async run(feed, wanted) {
      const results = await session.run(integerFeed(session.inputs, feed, quantization), wanted);
      return new Map([...results].map(([name, value]) => [name, dequantized(value, quantization.get(name))]));
    },
    close: () => session.close(),
  };
}

/** A feed as the model takes it: floats rounded half to even and saturated where an input is quantized. */
export function integerFeed(
  inputs: readonly Port[],
  feed: ReadonlyMap<string, Tensor>,
  quantization: ReadonlyMap<string, PortQuantization>,
): ReadonlyMap<string, Tensor> {
  const integers = new Map<string, Tensor>();
  for (const port of inputs) {
    const tensor = feed.get(port.name);
    const params = quantization.get(port.name);
    if (tensor !== undefined) integers.set(port.name, params === undefined ? tensor : quantized(tensor, port, params));
  }
  return integers;
}

function quantized(tensor: Tensor, port: Port, { scale, zeroPoint }: PortQuantization): Tensor {
  if (port.dtype === 'non-tensor' || tensor.dtype !== 'float32') return tensor;
  const bits = bitsOf(port.dtype);
  const low = kindOf(port.dtype) === 'int' ? -(2 ** (bits - 1)) : 0;
  const high = low + 2 ** bits - 1;
  const values = Array.from(toFloat32(tensor), (value) =>
    Math.max(low, Math.min(high, roundHalfToEven(value / scale) + zeroPoint)),
  );
  return tensorFromNumbers(port.dtype, tensor.dims, values);
}

function dequantized(value: OutputValue, params: PortQuantization | undefined): OutputValue {
  if ('kind' in value || params === undefined) return value;
  const integers = elements(value) as ArrayLike<number>;
  const floats = Float32Array.from(integers, (q) => (q - params.zeroPoint) * params.scale);
  return tensorFromElements('float32', value.dims, floats);
}
