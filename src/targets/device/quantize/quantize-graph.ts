import type { ValueRange } from '../../../pass/define-pass.ts';
import type { OperatorName } from '../tflite/builtin-operators.ts';
import type { TfGraph, TfOperator, TfPort, TfQuantization, TfTensor } from '../tflite/tf-graph.ts';
import { applicableRule } from './applicable-rule.ts';
import { type ActivationBits, dataOperands, type QuantizedRule } from './int8-rules.ts';
import { floatOutputsOf, IntegerTensors } from './integer-tensors.ts';
import { joinedParams } from './joined-params.ts';
import { activationParams, floatsOf, perTensor, rangeOf } from './quantized-constant.ts';
import { quantizedLayer } from './quantized-layer.ts';
import type { ReconstructedLayers } from './reconstruct-layers.ts';

/** How a float graph is quantized. */
export interface QuantizeGraphOptions {
  /** The type of activations. Default `int8`. */
  readonly activations?: ActivationBits;
  /** The type at the borders of the model. Default `float32`. */
  readonly ports?: 'float32' | 'quantized';
  /** Operators that stay float although they have an integer kernel. */
  readonly keepFloat?: (operator: TfOperator) => boolean;
  /** Mean of each channel (the last axis) of activations; biases are corrected by them for what rounding weights adds. */
  readonly channelMeans?: ReadonlyMap<TfTensor, Float64Array>;
  /** Layers whose weights were rounded by the data; those of others are rounded to the nearest. */
  readonly reconstructed?: ReconstructedLayers;
}

/** A quantized graph, and which of its operators still compute with floats. */
export interface QuantizedGraph {
  readonly graph: TfGraph;
  readonly integerOperators: number;
  /** Operators that compute with floats, and how often. */
  readonly floatOperators: Readonly<Partial<Record<OperatorName, number>>>;
  /** The integers that stand for a tensor of the float graph, where there are any. */
  readonly integers: ReadonlyMap<TfTensor, TfTensor>;
}

/**
 * Gives every operator that can integer operands and results: weights of 8 bits, biases of 32, activations with the
 * parameters that were observed, that the specification fixes or that operators share. What has no integer kernel stays
 * float between DEQUANTIZE and QUANTIZE.
 *
 * @param ranges of every float activation, by tensor of `graph`.
 */
export function quantizeGraph(
  graph: TfGraph,
  ranges: ReadonlyMap<TfTensor, ValueRange>,
  options: QuantizeGraphOptions = {},
): QuantizedGraph {
  return new Quantizer(graph, ranges, options).run();
}

class Quantizer {
  readonly #graph: TfGraph;
  readonly #ranges: ReadonlyMap<TfTensor, ValueRange>;
  readonly #type: ActivationBits;
  readonly #options: QuantizeGraphOptions;
  readonly #tensors: IntegerTensors;
  readonly #weights = new Map<TfTensor, TfTensor[]>();
  readonly #wanted: ReadonlyMap<TfTensor, TfQuantization>;
  readonly #integers = new Map<TfTensor, TfTensor>();
  #integerOperators = 0;
  readonly #floats: Partial<Record<OperatorName, number>> = {};

  constructor(graph: TfGraph, ranges: ReadonlyMap<TfTensor, ValueRange>, options: QuantizeGraphOptions) {
    this.#graph = graph;
    this.#ranges = ranges;
    this.#options = options;
    this.#type = options.activations ?? 'int8';
    this.#tensors = new IntegerTensors({
      type: this.#type,
      floatOutputs: floatOutputsOf(graph, options.ports === 'quantized'),
      paramsOf: (tensor) => this.#paramsOf(tensor),
    });
    this.#wanted = joinedParams(graph, { type: this.#type, ranges, ruleOf: (operator) => this.#ruleOf(operator) });
  }

  run(): QuantizedGraph {
    const quantizedPorts = this.#options.ports === 'quantized';
    const inputs = this.#graph.inputs.map((port): TfPort => {
      const { tensor } = port;
      if (tensor.type !== 'float32') return port;
      if (quantizedPorts) return { ...port, tensor: this.#tensors.made(tensor, this.#paramsOf(tensor)) };
      this.#tensors.bindFloat(tensor);
      return port;
    });
    for (const operator of this.#graph.operators) this.#convert(operator);
    const outputs = this.#graph.outputs.map((port): TfPort => {
      const { tensor } = port;
      if (tensor.type !== 'float32') return { ...port, tensor: this.#tensors.unquantized(tensor) };
      const made = quantizedPorts ? this.#tensors.known(tensor) : undefined;
      return { ...port, tensor: made ?? this.#tensors.floatOf(tensor) };
    });
    return {
      graph: { ...this.#graph, inputs, outputs, operators: this.#tensors.operators },
      integerOperators: this.#integerOperators,
      floatOperators: this.#floats,
      integers: this.#integers,
    };
  }

  #convert(operator: TfOperator): void {
    if (this.#tensors.takeOver(operator, this.#ranges)) return;
    const rule = this.#ruleOf(operator);
    if (rule === undefined) {
      const inputs = operator.inputs.map((tensor) => tensor && this.#tensors.unquantized(tensor));
      for (const tensor of operator.outputs) if (tensor.type === 'float32') this.#tensors.bindFloat(tensor);
      this.#tensors.operators.push({ ...operator, inputs });
      this.#floats[operator.name] = (this.#floats[operator.name] ?? 0) + 1;
      return;
    }
    this.#integerOperators++;
    if (rule.kind === 'linear') {
      this.#convertLayer(operator, rule);
      return;
    }
    const data = dataOperands(rule, operator.inputs.length);
    const params = this.#resultParams(operator, rule);
    const inputs = operator.inputs.map((tensor, index) => {
      if (tensor === undefined || !data.includes(index)) return tensor;
      return rule.kind === 'shared' ? this.#tensors.integerWith(tensor, params!) : this.#tensors.integerOf(tensor);
    });
    this.#append(operator, inputs, rule.kind === 'reads' ? undefined : params);
  }

  #convertLayer(operator: TfOperator, rule: QuantizedRule & { kind: 'linear' }): void {
    const source = operator.inputs[rule.input]!;
    const x = this.#tensors.integerOf(source);
    const means = this.#options.channelMeans?.get(source);
    const layer = quantizedLayer(operator, {
      rule,
      inputScale: x.quantization!.scales[0]!,
      type: this.#type,
      cache: this.#weights,
      ...(means !== undefined && { means }),
      reconstructed: this.#options.reconstructed?.get(operator),
    });
    const inputs = operator.inputs.map((tensor, index) => {
      if (index === rule.input) return x;
      if (index === rule.weights) return layer.weights;
      return index === rule.bias ? layer.bias : tensor;
    });
    this.#append(operator, inputs, this.#paramsOf(operator.outputs[0]!));
  }

  /** Appends an operator with integer results of these parameters; without, its results are as they were. */
  #append(operator: TfOperator, inputs: TfOperator['inputs'], params: TfQuantization | undefined): void {
    const outputs = operator.outputs.map((tensor) => {
      if (params === undefined || tensor.type !== 'float32') return tensor;
      const integer = this.#tensors.made(tensor, params);
      this.#integers.set(tensor, integer);
      return integer;
    });
    const power = this.#type === 'int16' && (operator.name === 'ADD' || operator.name === 'SUB');
    const options = power ? { ...operator.options, pot_scale_int16: false } : operator.options;
    const form: TfOperator = { ...operator, inputs, outputs, options };
    this.#tensors.operators.push(operator.name === 'SPLIT' ? splitBySizes(form) : form);
  }

  #ruleOf(operator: TfOperator): QuantizedRule | undefined {
    return applicableRule(operator, {
      type: this.#type,
      ranges: this.#ranges,
      keepFloat: this.#options.keepFloat,
    });
  }

  #resultParams(operator: TfOperator, rule: QuantizedRule): TfQuantization | undefined {
    switch (rule.kind) {
      case 'fixed': {
        const { scale, zeroPoint } = rule[this.#type];
        return perTensor(scale, zeroPoint);
      }
      case 'shared':
        if (rule.leader === undefined) return this.#paramsOf(operator.outputs[0]!);
        return this.#tensors.integerOf(operator.inputs[rule.leader]!).quantization;
      case 'reads':
        return undefined;
      default:
        return this.#paramsOf(operator.outputs[0]!);
    }
  }

  #paramsOf(tensor: TfTensor): TfQuantization {
    const wanted = this.#wanted.get(tensor);
    if (wanted !== undefined) return wanted;
    const range = tensor.data === undefined ? this.#ranges.get(tensor)! : rangeOf(floatsOf(tensor));
    return activationParams(range, this.#type);
  }
}

/** SPLIT by equal parts as SPLIT_V, as LiteRT registers integer kernels for that one only. */
export function splitBySizes(operator: TfOperator): TfOperator {
  const [axis, x] = operator.inputs;
  const [place = 0] = new Int32Array(axis!.data!.slice().buffer);
  const sizes = Int32Array.from(operator.outputs, (tensor) => tensor.shape.at(place)!);
  const list: TfTensor = {
    name: `${operator.outputs[0]!.name}/sizes`,
    type: 'int32',
    shape: [sizes.length],
    data: new Uint8Array(sizes.buffer),
    quantization: undefined,
  };
  return { ...operator, name: 'SPLIT_V', inputs: [x, list, axis] };
}
