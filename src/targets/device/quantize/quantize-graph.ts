import type { ValueRange } from '../../../pass/define-pass.ts';
import type { OperatorName } from '../tflite/builtin-operators.ts';
import type { TfGraph, TfOperator, TfPort, TfQuantization, TfTensor } from '../tflite/tf-graph.ts';
import { type ActivationBits, dataOperands, type QuantizedRule, quantizedRule } from './int8-rules.ts';
import {
  activationParams,
  floatsOf,
  perTensor,
  quantizedConstant,
  quantizedLayer,
  rangeOf,
  sameParams,
} from './quantized-constant.ts';

/** How a float graph is quantized. */
export interface QuantizeGraphOptions {
  /** The type of activations. Default `int8`. */
  readonly activations?: ActivationBits;
  /** The type at the borders of the model. Default `float32`. */
  readonly ports?: 'float32' | 'quantized';
  /** Operators that stay float although they have an integer kernel. */
  readonly keepFloat?: (operator: TfOperator) => boolean;
}

/** A quantized graph, and which of its operators still compute with floats. */
export interface QuantizedGraph {
  readonly graph: TfGraph;
  readonly integerOperators: number;
  /** Operators that compute with floats, and how often. */
  readonly floatOperators: Readonly<Partial<Record<OperatorName, number>>>;
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
  readonly #operators: TfOperator[] = [];
  /** The integer form of a float tensor, and the float form where an operator needs it. */
  readonly #integer = new Map<TfTensor, TfTensor>();
  readonly #float = new Map<TfTensor, TfTensor>();
  readonly #requantized = new Map<TfTensor, TfTensor[]>();
  readonly #constants = new Map<TfTensor, TfTensor[]>();
  /** What stands for the integers that the model itself quantizes to. */
  readonly #taken = new Map<TfTensor, TfTensor>();
  readonly #weights = new Map<TfTensor, TfTensor[]>();
  /** Parameters that the readers of a tensor ask for, where its maker is free to give them. */
  readonly #wanted: ReadonlyMap<TfTensor, TfQuantization>;
  readonly #outputs: ReadonlySet<TfTensor>;
  #integers = 0;
  readonly #floats: Partial<Record<OperatorName, number>> = {};

  constructor(graph: TfGraph, ranges: ReadonlyMap<TfTensor, ValueRange>, options: QuantizeGraphOptions) {
    this.#graph = graph;
    this.#ranges = ranges;
    this.#options = options;
    this.#type = options.activations ?? 'int8';
    this.#outputs = new Set(graph.outputs.map((port) => port.tensor));
    this.#wanted = this.#sharedParams();
  }

  run(): QuantizedGraph {
    const quantizedPorts = this.#options.ports === 'quantized';
    const inputs = this.#graph.inputs.map((port): TfPort => {
      const { tensor } = port;
      if (tensor.type !== 'float32') return port;
      if (!quantizedPorts) {
        this.#float.set(tensor, tensor);
        return port;
      }
      const integer = { ...tensor, type: this.#type, quantization: this.#paramsOf(tensor) };
      this.#integer.set(tensor, integer);
      return { ...port, tensor: integer };
    });
    for (const operator of this.#graph.operators) this.#convert(operator);
    const outputs = this.#graph.outputs.map((port): TfPort => {
      const { tensor } = port;
      if (tensor.type !== 'float32') return { ...port, tensor: this.#taken.get(tensor) ?? tensor };
      const made = quantizedPorts ? this.#integer.get(tensor) : undefined;
      return { ...port, tensor: made ?? this.#floatOf(tensor) };
    });
    const graph = { ...this.#graph, inputs, outputs, operators: this.#operators };
    return { graph, integerOperators: this.#integers, floatOperators: this.#floats };
  }

  #convert(operator: TfOperator): void {
    if (this.#takeOver(operator)) return;
    const rule = this.#ruleOf(operator);
    if (rule === undefined) {
      const inputs = operator.inputs.map((tensor) => tensor && (this.#taken.get(tensor) ?? this.#floatOf(tensor)));
      for (const tensor of operator.outputs) if (tensor.type === 'float32') this.#float.set(tensor, tensor);
      this.#operators.push({ ...operator, inputs });
      this.#floats[operator.name] = (this.#floats[operator.name] ?? 0) + 1;
      return;
    }
    this.#integers++;
    if (rule.kind === 'linear') {
      this.#convertLayer(operator, rule);
      return;
    }
    const data = dataOperands(rule, operator.inputs.length);
    const params = this.#resultParams(operator, rule);
    const inputs = operator.inputs.map((tensor, index) => {
      if (tensor === undefined || !data.includes(index)) return tensor;
      return rule.kind === 'shared' ? this.#integerWith(tensor, params!) : this.#integerOf(tensor);
    });
    this.#append(operator, inputs, rule.kind === 'reads' ? undefined : params);
  }

  /** A QUANTIZE or DEQUANTIZE of the model itself: its parameters are taken over, and nothing is computed for it. */
  #takeOver({ name, inputs: [source], outputs: [result] }: TfOperator): boolean {
    if (source === undefined || result === undefined) return false;
    if (name === 'DEQUANTIZE' && source.type === this.#type && result.type === 'float32') {
      this.#integer.set(result, this.#taken.get(source) ?? source);
      return true;
    }
    const fits = name === 'QUANTIZE' && result.type === this.#type && result.quantization !== undefined;
    if (!fits || (!this.#integer.has(source) && !this.#ranges.has(source))) return false;
    this.#taken.set(result, this.#integerWith(source, result.quantization!));
    return true;
  }

  #convertLayer(operator: TfOperator, rule: QuantizedRule & { kind: 'linear' }): void {
    const x = this.#integerOf(operator.inputs[rule.input]!);
    const weights = operator.inputs[rule.weights]!;
    const bias = rule.bias === undefined ? undefined : operator.inputs[rule.bias];
    const layer = quantizedLayer(weights, bias, {
      inputScale: x.quantization!.scales[0]!,
      axis: rule.axis,
      type: this.#type,
      cache: this.#weights,
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
      // Outputs of the model keep their name in the form in which they are given out.
      const name =
        this.#outputs.has(tensor) && this.#options.ports !== 'quantized' ? `${tensor.name}/quantized` : tensor.name;
      const integer: TfTensor = { ...tensor, name, type: this.#type, quantization: params };
      this.#integer.set(tensor, integer);
      return integer;
    });
    const power = this.#type === 'int16' && (operator.name === 'ADD' || operator.name === 'SUB');
    const options = power ? { ...operator.options, pot_scale_int16: false } : operator.options;
    const form: TfOperator = { ...operator, inputs, outputs, options };
    this.#operators.push(operator.name === 'SPLIT' ? splitBySizes(form) : form);
  }

  /** The rule by which a node computes with integers; none where it stays float or has nothing to do with floats. */
  #ruleOf(operator: TfOperator): QuantizedRule | undefined {
    const rule = quantizedRule(operator.name, this.#type);
    if (rule === undefined || this.#options.keepFloat?.(operator) === true) return undefined;
    const data = dataOperands(rule, operator.inputs.length).map((index) => operator.inputs[index]);
    if (data.some((tensor) => tensor?.type !== 'float32')) return undefined;
    if (data.some((tensor) => tensor?.data === undefined && !this.#ranges.has(tensor!))) return undefined;
    if (operator.outputs.some((tensor) => tensor.type === 'float32' && !this.#ranges.has(tensor))) return undefined;
    if (rule.kind === 'fixed' && !holds(rule[this.#type], this.#type, this.#ranges.get(operator.outputs[0]!)!))
      return undefined;
    if (rule.kind === 'linear') {
      const constants = [
        operator.inputs[rule.weights],
        rule.bias === undefined ? undefined : operator.inputs[rule.bias],
      ];
      return constants.every((tensor) => tensor === undefined || tensor.data !== undefined) ? rule : undefined;
    }
    return rule;
  }

  #resultParams(operator: TfOperator, rule: QuantizedRule): TfQuantization | undefined {
    switch (rule.kind) {
      case 'fixed': {
        const { scale, zeroPoint } = rule[this.#type];
        return perTensor(scale, zeroPoint);
      }
      case 'shared':
        if (rule.leader === undefined) return this.#paramsOf(operator.outputs[0]!);
        return this.#integerOf(operator.inputs[rule.leader]!).quantization;
      case 'reads':
        return undefined;
      default:
        return this.#paramsOf(operator.outputs[0]!);
    }
  }

  /** The parameters of a tensor whose maker is free to choose them. */
  #paramsOf(tensor: TfTensor): TfQuantization {
    const wanted = this.#wanted.get(tensor);
    if (wanted !== undefined) return wanted;
    const range = tensor.data === undefined ? this.#ranges.get(tensor)! : rangeOf(floatsOf(tensor));
    return activationParams(range, this.#type);
  }

  #integerOf(tensor: TfTensor): TfTensor {
    const known = this.#integer.get(tensor);
    if (known !== undefined) return known;
    if (tensor.data !== undefined) return this.#constantWith(tensor, this.#paramsOf(tensor));
    const integer: TfTensor = {
      ...tensor,
      name: `${tensor.name}/quantized`,
      type: this.#type,
      quantization: this.#paramsOf(tensor),
    };
    this.#operators.push({ name: 'QUANTIZE', inputs: [this.#floatOf(tensor)], outputs: [integer], options: {} });
    this.#integer.set(tensor, integer);
    return integer;
  }

  /** A tensor as integers with given parameters; converted where it has others. */
  #integerWith(tensor: TfTensor, params: TfQuantization): TfTensor {
    if (tensor.data !== undefined) return this.#constantWith(tensor, params);
    const integer = this.#integerOf(tensor);
    if (sameParams(integer.quantization, params)) return integer;
    const versions = this.#requantized.get(tensor) ?? [];
    const known = versions.find((version) => sameParams(version.quantization, params));
    if (known !== undefined) return known;
    const made: TfTensor = {
      ...integer,
      name: `${tensor.name}/requantized${versions.length || ''}`,
      quantization: params,
    };
    this.#operators.push({ name: 'QUANTIZE', inputs: [integer], outputs: [made], options: {} });
    this.#requantized.set(tensor, [...versions, made]);
    return made;
  }

  #constantWith(tensor: TfTensor, params: TfQuantization): TfTensor {
    const versions = this.#constants.get(tensor) ?? [];
    const known = versions.find((version) => sameParams(version.quantization, params));
    if (known !== undefined) return known;
    const made = quantizedConstant(tensor, params, this.#type);
    this.#constants.set(tensor, [...versions, made]);
    return made;
  }

  #floatOf(tensor: TfTensor): TfTensor {
    const known = this.#float.get(tensor);
    if (known !== undefined) return known;
    const integer = this.#integer.get(tensor);
    if (tensor.type !== 'float32' || tensor.data !== undefined || integer === undefined) return tensor;
    const own = this.#outputs.has(tensor) && this.#options.ports !== 'quantized';
    const float: TfTensor = own ? tensor : { ...tensor, name: `${tensor.name}/float` };
    this.#operators.push({ name: 'DEQUANTIZE', inputs: [integer], outputs: [float], options: {} });
    this.#float.set(tensor, float);
    return float;
  }

  /**
   * Where an operator joins several tensors that must have the same parameters, those that nothing else reads and whose
   * maker is free get the joined tensor's parameters from the start.
   */
  #sharedParams(): ReadonlyMap<TfTensor, TfQuantization> {
    const wanted = new Map<TfTensor, TfQuantization>();
    const readers = new Map<TfTensor, number>();
    for (const { inputs } of this.#graph.operators)
      for (const tensor of inputs) if (tensor !== undefined) readers.set(tensor, (readers.get(tensor) ?? 0) + 1);
    for (const { tensor } of this.#graph.outputs) readers.set(tensor, (readers.get(tensor) ?? 0) + 1);
    const makers = new Map(
      this.#graph.operators.flatMap((operator) => operator.outputs.map((tensor) => [tensor, operator] as const)),
    );
    for (const { name, inputs, outputs } of this.#graph.operators) {
      const [source] = inputs;
      const params = outputs[0]?.quantization;
      if (name !== 'QUANTIZE' || source === undefined || params === undefined) continue;
      if (outputs[0]?.type === this.#type && readers.get(source) === 1) wanted.set(source, params);
    }
    for (const operator of [...this.#graph.operators].reverse()) {
      const rule = this.#ruleOf(operator);
      if (rule?.kind !== 'shared') continue;
      const [output] = operator.outputs;
      const data = dataOperands(rule, operator.inputs.length);
      const range = output && this.#ranges.get(output);
      if (range === undefined || output === undefined) continue;
      const joined =
        wanted.get(output) ?? (rule.leader === undefined ? activationParams(range, this.#type) : undefined);
      if (joined === undefined) continue;
      for (const index of data) {
        const tensor = operator.inputs[index];
        const maker = tensor && makers.get(tensor);
        if (tensor === undefined || maker === undefined || readers.get(tensor) !== 1) continue;
        const kind = this.#ruleOf(maker)?.kind;
        const single = kind === 'shared' && operator.outputs.length === 1 && maker.inputs.length >= 1;
        if (kind === 'linear' || kind === 'free' || (single && widerThan(range, this.#ranges.get(tensor)))) {
          wanted.set(tensor, joined);
        }
      }
    }
    return wanted;
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

/** Whether fixed parameters reach over a range, but for one step at either end. */
function holds(
  { scale, zeroPoint }: { readonly scale: number; readonly zeroPoint: number },
  type: ActivationBits,
  { min, max }: ValueRange,
): boolean {
  const half = type === 'int8' ? 128 : 32768;
  return min >= scale * (-half - 1 - zeroPoint) && max <= scale * (half - zeroPoint);
}

function widerThan(range: ValueRange, other: ValueRange | undefined): boolean {
  return other !== undefined && range.min <= other.min && range.max >= other.max;
}
