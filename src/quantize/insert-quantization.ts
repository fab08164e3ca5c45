import { int } from '../ir/attribute.ts';
import type { Graph } from '../ir/graph.ts';
import type { Node } from '../ir/node.ts';
import { scalarTensor, type Tensor, tensorFromElements } from '../ir/tensor.ts';
import type { Use, Value } from '../ir/value.ts';
import { shapeOf, tensorType, type ValueType } from '../ir/value-type.ts';
import type { QuantParams } from './affine-params.ts';

/** Scale and zero point of a value as constants of its graph, shared by the nodes that take them. */
interface ParamConstants {
  readonly scale: Value;
  readonly zeroPoint: Value;
}

/** An integer constant with what dequantizes it. */
export interface StoredConstant {
  readonly quantized: Value;
  readonly scale: Value;
  readonly zeroPoint: Value | undefined;
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
    const quantized = this.#graph.addConstant(tensor, `c${number}`);
    const stored = { quantized, ...this.#paramConstants(params, number) };
    return this.dequantizeAt(reader, stored, tensorType('float32', tensor.dims), undefined);
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
    const stored = this.addWeight(tensor, scales, axis);
    const zeros = zeroPoint ? this.#zeros(axis === undefined ? undefined : scales.length) : undefined;
    return this.dequantizeAt(reader, { ...stored, zeroPoint: zeros }, tensorType('float32', tensor.dims), axis);
  }

  /** An int32 bias as the floats it stands for. Without a zero point: ONNX allows none for int32, and WebGPU refuses it. */
  dequantizeBias(tensor: Tensor, scales: Float32Array, axis: number | undefined, reader: Node): Value {
    return this.dequantizeAt(reader, this.addWeight(tensor, scales, axis), tensorType('float32', tensor.dims), axis);
  }

  /** An integer constant whose zero point is 0, and its scales. */
  addWeight(tensor: Tensor, scales: Float32Array, axis: number | undefined): StoredConstant {
    const number = ++this.#number;
    const scale =
      axis === undefined ? scalarTensor('float32', scales[0]!) : tensorFromElements('float32', [scales.length], scales);
    return {
      quantized: this.#graph.addConstant(tensor, `w${number}`),
      scale: this.#graph.addConstant(scale, `s${number}`),
      zeroPoint: undefined,
    };
  }

  /** A DequantizeLinear of a constant, right before the node that reads it. */
  dequantizeAt(
    reader: Node,
    { quantized, scale, zeroPoint }: StoredConstant,
    type: ValueType,
    axis: number | undefined,
  ): Value {
    const node = this.#graph.insertBefore(reader, {
      op: 'DequantizeLinear',
      inputs: zeroPoint === undefined ? [quantized, scale] : [quantized, scale, zeroPoint],
      outputs: [{ name: `dq${++this.#number}`, type }],
      ...(axis === undefined ? {} : { attributes: { axis: int(axis) } }),
    });
    return node.outputs[0]!;
  }

  /** Dequantizes what a node picked from a constant, for everything that reads it; `axis` is that of the scales in it. */
  dequantizeResult(picker: Node, { scale, quantized }: StoredConstant, axis: number): void {
    const picked = picker.outputs[0]!;
    const { type } = picked;
    const node = this.#graph.insertAfter(picker, {
      op: 'DequantizeLinear',
      inputs: [picked, scale],
      outputs: [{ name: `dq${++this.#number}`, type }],
      attributes: { axis: int(axis) },
    });
    this.#graph.replaceAllUses(picked, node.outputs[0]!, { outputs: true });
    this.#graph.setInput(node, 0, picked);
    this.#graph.setType(picked, tensorType(quantized.constant!.dtype, shapeOf(type)));
    this.#graph.setDeclared(picked, undefined);
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
