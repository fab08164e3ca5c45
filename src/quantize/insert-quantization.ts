import { int } from '../ir/attribute.ts';
import type { Graph } from '../ir/graph.ts';
import type { Node } from '../ir/node.ts';
import { scalarTensor, type Tensor, tensorFromElements } from '../ir/tensor.ts';
import type { Use, Value } from '../ir/value.ts';
import { shapeOf, tensorType } from '../ir/value-type.ts';
import type { QuantParams } from './affine-params.ts';

/** Scale and zero point of a value as constants of its graph, shared by the nodes that take them. */
interface ParamConstants {
  readonly scale: Value;
  readonly zeroPoint: Value;
}

/**
 * Puts QuantizeLinear and DequantizeLinear nodes into one graph. Their values have short names (`q4`, `dq4`, `s4`): there
 * are several for every value of the model, and in a small model long names weigh more than the weights.
 */
export class QuantizationInserter {
  readonly #graph: Graph;
  readonly #params = new Map<string, ParamConstants>();
  readonly #weightZeros = new Map<number | undefined, Value>();
  #number = 0;

  constructor(graph: Graph) {
    this.#graph = graph;
  }

  /** A value quantized and dequantized for the given uses; all others go on reading the value itself. */
  wrapUses(value: Value, params: QuantParams, uses: readonly Use[]): void {
    const { dequantized } = this.#insertPair(value, params);
    for (const { node, index } of uses) this.#graph.setInput(node, index, dequantized);
  }

  /** A value quantized and dequantized for everything that reads it, graph outputs and nested graphs included. */
  wrapValue(value: Value, params: QuantParams): void {
    const { quantize, dequantized } = this.#insertPair(value, params);
    this.#graph.replaceAllUses(value, dequantized, { outputs: true });
    this.#graph.setInput(quantize, 0, value);
  }

  /** An 8-bit constant as the floats it stands for. Stands right before `reader`. */
  dequantizeConstant(tensor: Tensor, params: QuantParams, reader: Node): Value {
    const number = ++this.#number;
    const { scale, zeroPoint } = this.#paramConstants(params, number);
    const inputs = [this.#graph.addConstant(tensor, `c${number}`), scale, zeroPoint];
    return this.#dequantize(inputs, tensor.dims, number, reader, undefined);
  }

  /**
   * Int8 weights as the floats they stand for: one scale, or one per index along `axis`. Their zero point, 0, is written
   * out where asked: ONNX Runtime's matrix kernels need one, its convolutions do not. Stands right before `reader`.
   */
  dequantizeWeight(
    tensor: Tensor,
    scales: Float32Array,
    axis: number | undefined,
    zeroPoint: boolean,
    reader: Node,
  ): Value {
    const number = ++this.#number;
    const inputs = [this.#graph.addConstant(tensor, `w${number}`), this.#scales(scales, axis, number)];
    if (zeroPoint) inputs.push(this.#zeros(axis === undefined ? undefined : scales.length));
    return this.#dequantize(inputs, tensor.dims, number, reader, axis);
  }

  /** An int32 bias as the floats it stands for. Without a zero point: ONNX allows none for int32, and WebGPU refuses it. */
  dequantizeBias(tensor: Tensor, scales: Float32Array, axis: number | undefined, reader: Node): Value {
    const number = ++this.#number;
    const inputs = [this.#graph.addConstant(tensor, `b${number}`), this.#scales(scales, axis, number)];
    return this.#dequantize(inputs, tensor.dims, number, reader, axis);
  }

  #dequantize(
    inputs: readonly Value[],
    dims: readonly number[],
    number: number,
    reader: Node,
    axis: number | undefined,
  ): Value {
    const node = this.#graph.insertBefore(reader, {
      op: 'DequantizeLinear',
      inputs,
      outputs: [{ name: `dq${number}`, type: tensorType('float32', dims) }],
      ...(axis === undefined ? {} : { attributes: { axis: int(axis) } }),
    });
    return node.outputs[0]!;
  }

  #insertPair(value: Value, params: QuantParams): { readonly quantize: Node; readonly dequantized: Value } {
    const number = ++this.#number;
    const { scale, zeroPoint } = this.#paramConstants(params, number);
    const shape = shapeOf(value.type);
    const spec = {
      op: 'QuantizeLinear',
      inputs: [value, scale, zeroPoint],
      outputs: [{ name: `q${number}`, type: tensorType(params.dtype, shape) }],
    };
    const [first] = this.#graph.nodes();
    const quantize =
      value.producer !== undefined
        ? this.#graph.insertAfter(value.producer, spec)
        : first !== undefined
          ? this.#graph.insertBefore(first, spec)
          : this.#graph.append(spec);
    const dequantize = this.#graph.insertAfter(quantize, {
      op: 'DequantizeLinear',
      inputs: [quantize.outputs[0], scale, zeroPoint],
      outputs: [{ name: `dq${number}`, type: tensorType('float32', shape) }],
    });
    return { quantize, dequantized: dequantize.outputs[0]! };
  }

  #paramConstants(params: QuantParams, number: number): ParamConstants {
    const key = `${params.dtype} ${params.scale} ${params.zeroPoint}`;
    const known = this.#params.get(key);
    if (known !== undefined) return known;
    const constants = {
      scale: this.#graph.addConstant(scalarTensor('float32', params.scale), `s${number}`),
      zeroPoint: this.#graph.addConstant(scalarTensor(params.dtype, params.zeroPoint), `z${number}`),
    };
    this.#params.set(key, constants);
    return constants;
  }

  #scales(scales: Float32Array, axis: number | undefined, number: number): Value {
    const tensor =
      axis === undefined ? scalarTensor('float32', scales[0]!) : tensorFromElements('float32', [scales.length], scales);
    return this.#graph.addConstant(tensor, `s${number}`);
  }

  /** Zero points of weights, shared by all weights of as many channels; a scalar where there are none. */
  #zeros(channels: number | undefined): Value {
    const known = this.#weightZeros.get(channels);
    if (known !== undefined) return known;
    const tensor = tensorFromElements('int8', channels === undefined ? [] : [channels], new Int8Array(channels ?? 1));
    const zeros = this.#graph.addConstant(tensor, `z${++this.#number}`);
    this.#weightZeros.set(channels, zeros);
    return zeros;
  }
}
