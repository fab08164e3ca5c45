import { dataOperands, type QuantizedRule, quantizedRule } from '../quantize/int8-rules.ts';
import { splitBySizes } from '../quantize/quantize-graph.ts';
import type { OperatorName } from '../tflite/builtin-operators.ts';
import type { TfGraph, TfOperator, TfPort, TfQuantization, TfTensor } from '../tflite/tf-graph.ts';
import { integerConstant } from './integer-constant.ts';
import { type IntegerLayer, integerLayer } from './integer-layer.ts';
import { sameParameters, signedQuantization } from './signed-quantization.ts';

/** Operators that give elements of their operand as they are: in integers as in floats, with the operand's parameters. */
const KEEP_ELEMENTS: ReadonlySet<OperatorName> = new Set<OperatorName>([
  'RESHAPE',
  'TRANSPOSE',
  'CONCATENATION',
  'PACK',
  'UNPACK',
  'PAD',
  'PADV2',
  'MIRROR_PAD',
  'SLICE',
  'STRIDED_SLICE',
  'SPLIT',
  'SPLIT_V',
  'GATHER',
  'TILE',
  'BROADCAST_TO',
  'MAX_POOL_2D',
  'MAXIMUM',
  'MINIMUM',
  'REDUCE_MAX',
  'REDUCE_MIN',
  'RESIZE_NEAREST_NEIGHBOR',
  'DEPTH_TO_SPACE',
  'SPACE_TO_DEPTH',
  'SELECT_V2',
]);

/** Relative difference up to which a scale counts as the one that a kernel fixes. */
const SCALE_TOLERANCE = 1e-6;

/**
 * Takes the quantization of the model itself over: an operator between DEQUANTIZE and QUANTIZE computes with integers
 * where its kernel takes the parameters that the model states, and keeps to floats, with the same numbers, where it does
 * not. Unsigned 8-bit activations become signed ones with a zero point 128 lower; ports keep their type.
 *
 * Of a quantized MobileNetV2 the convolutions and sums compared give the integers that ONNX Runtime gives with its
 * optimizer off. Of the mean before the classifier 3 of 1280 numbers do not: MEAN rounds halves away from zero, ONNX
 * Runtime to even. 35 of 1000 scores then differ by one step; ONNX Runtime with its optimizer on differs in 454.
 */
export function takeOverIntegers(graph: TfGraph): TfGraph {
  const quantized = graph.operators.some(({ name }) => name === 'DEQUANTIZE' || name === 'QUANTIZE');
  return quantized ? new TakeOver(graph).run() : graph;
}

class TakeOver {
  readonly #graph: TfGraph;
  readonly #operators: TfOperator[] = [];
  readonly #readers = new Map<TfTensor, TfOperator[]>();
  readonly #outputs: ReadonlySet<TfTensor>;
  /** The int8 tensor that holds a float tensor's numbers exactly. */
  readonly #integer = new Map<TfTensor, TfTensor>();
  /** The int8 tensor that stands for a quantized tensor of the graph. */
  readonly #signed = new Map<TfTensor, TfTensor>();
  /** Tensors of the graph that have been made in their own type. */
  readonly #made = new Set<TfTensor>();

  constructor(graph: TfGraph) {
    this.#graph = graph;
    this.#outputs = new Set(graph.outputs.map((port) => port.tensor));
    for (const operator of graph.operators) {
      for (const tensor of operator.inputs) {
        if (tensor === undefined) continue;
        const readers = this.#readers.get(tensor) ?? [];
        readers.push(operator);
        this.#readers.set(tensor, readers);
      }
    }
    for (const { tensor } of graph.inputs) this.#made.add(tensor);
  }

  run(): TfGraph {
    for (const operator of this.#graph.operators) this.#convert(operator);
    const given = new Set<TfTensor>();
    const outputs = this.#graph.outputs.map((port): TfPort => {
      const tensor = this.#portTensor(port.tensor, given);
      given.add(tensor);
      return { ...port, tensor };
    });
    return { ...this.#graph, outputs, operators: this.#operators };
  }

  #convert(operator: TfOperator): void {
    const [source] = operator.inputs;
    const [result] = operator.outputs;
    if (operator.name === 'DEQUANTIZE' && isActivation(source) && result !== undefined) {
      this.#integer.set(result, this.#signedOf(source));
      return;
    }
    if (operator.name === 'QUANTIZE' && source !== undefined && isActivation(result)) {
      this.#quantize(source, result);
      return;
    }
    if (this.#takeOver(operator)) return;
    for (const tensor of operator.outputs) this.#made.add(tensor);
    this.#operators.push({ ...operator, inputs: operator.inputs.map((tensor) => tensor && this.#plain(tensor)) });
  }

  /** A QUANTIZE: nothing where the integers are there already, else one to int8. */
  #quantize(source: TfTensor, result: TfTensor): void {
    const quantization = signedQuantization(result.type, result.quantization!);
    const known = this.#integer.get(source);
    if (known !== undefined && sameParameters(known.quantization!, quantization)) {
      this.#signed.set(result, known);
      return;
    }
    const own = result.type === 'int8';
    const signed: TfTensor = own ? result : { ...result, name: `${result.name}/int8`, type: 'int8', quantization };
    this.#operators.push({ name: 'QUANTIZE', inputs: [this.#plain(source)], outputs: [signed], options: {} });
    this.#signed.set(result, signed);
    if (own) this.#made.add(result);
  }

  #takeOver(operator: TfOperator): boolean {
    const rule = quantizedRule(operator.name, 'int8');
    if (
      rule === undefined ||
      operator.outputs.some((tensor) => this.#outputs.has(tensor) && rule.kind !== 'reads' && !keeps(operator))
    )
      return false;
    if (rule.kind === 'linear') return this.#takeLayer(operator, rule);
    const data = dataOperands(rule, operator.inputs.length);
    const inputs = this.#integerInputs(operator, data);
    if (inputs === undefined) return false;
    if (rule.kind === 'reads') {
      for (const tensor of operator.outputs) this.#made.add(tensor);
      this.#operators.push({ ...operator, inputs });
      return true;
    }
    const operands = data.map((index) => inputs[index]!.quantization!);
    const results = this.#resultParameters(operator, rule, operands);
    if (results === undefined) return false;
    this.#append(operator, inputs, results);
    return true;
  }

  /** The operands as int8, where all of those that are data have that form. */
  #integerInputs(operator: TfOperator, data: readonly number[]): (TfTensor | undefined)[] | undefined {
    const activations = data
      .map((index) => operator.inputs[index])
      .map((tensor) => tensor && this.#integer.get(tensor));
    const first = activations.find((tensor) => tensor !== undefined);
    if (first === undefined) return undefined;
    const inputs = [...operator.inputs];
    for (const [k, index] of data.entries()) {
      const tensor = operator.inputs[index];
      const filler = operator.name === 'PADV2' && onlyMaximum(operator, this.#readers);
      const integer =
        activations[k] ?? (tensor && integerConstant(tensor, first.quantization!, keeps(operator), filler));
      if (integer === undefined) return undefined;
      inputs[index] = integer;
    }
    return inputs.map((tensor, index) => (tensor === undefined || data.includes(index) ? tensor : this.#plain(tensor)));
  }

  /** The parameters of each result, where the kernel can give the ones that the model states. */
  #resultParameters(
    operator: TfOperator,
    rule: QuantizedRule,
    operands: readonly TfQuantization[],
  ): readonly TfQuantization[] | undefined {
    const shared = operands.every((each) => sameParameters(each, operands[0]!));
    if (keeps(operator)) return shared ? operator.outputs.map(() => operands[0]!) : undefined;
    const stated = this.#statedParameters(operator);
    if (stated === undefined) return undefined;
    if (rule.kind === 'shared') {
      return shared && stated.every((each) => sameParameters(each, operands[0]!)) ? stated : undefined;
    }
    if (rule.kind !== 'fixed') return stated;
    const { scale, zeroPoint } = rule.int8;
    const fixed = stated.every(({ scales, zeroPoints }) => near(scales[0]!, scale) && zeroPoints[0] === zeroPoint);
    return fixed ? stated.map(() => ({ scales: [scale], zeroPoints: [zeroPoint], axis: 0 })) : undefined;
  }

  /** What the model quantizes each result to, where it does nothing else with it. */
  #statedParameters({ outputs }: TfOperator): readonly TfQuantization[] | undefined {
    const stated: TfQuantization[] = [];
    for (const tensor of outputs) {
      const readers = this.#readers.get(tensor) ?? [];
      const found = readers.map(({ name, outputs: [result] }) =>
        name === 'QUANTIZE' && isActivation(result) ? signedQuantization(result.type, result.quantization) : undefined,
      );
      const [first] = found;
      if (first === undefined || this.#outputs.has(tensor)) return undefined;
      if (found.some((each) => each === undefined || !sameParameters(each, first))) return undefined;
      stated.push(first);
    }
    return stated;
  }

  #takeLayer(operator: TfOperator, rule: QuantizedRule & { readonly kind: 'linear' }): boolean {
    const data = operator.inputs[rule.input];
    const x = data && this.#integer.get(data);
    const weights = operator.inputs[rule.weights];
    const bias = rule.bias === undefined ? undefined : operator.inputs[rule.bias];
    const [output] = this.#statedParameters(operator) ?? [];
    if (x === undefined || weights === undefined || output === undefined) return false;
    const operands = { input: x.quantization!, output, weights, bias };
    const layer = integerLayer({ ...operands, axis: rule.axis });
    if (layer !== undefined) {
      const inputs = operator.inputs.map((tensor, index) => {
        if (index === rule.input) return x;
        if (index === rule.weights) return { ...layer.weights, name: weights.name, shape: weights.shape };
        return index === rule.bias && bias !== undefined
          ? { ...layer.bias!, name: bias.name, shape: bias.shape }
          : tensor;
      });
      this.#append(operator, inputs, [output]);
      return true;
    }
    const perChannel = operator.name === 'FULLY_CONNECTED' ? integerLayer({ ...operands, axis: 0 }) : undefined;
    if (perChannel === undefined) return false;
    this.#appendAsConvolution(operator, x, perChannel, output);
    return true;
  }

  /**
   * A fully connected layer with a scale per output as a convolution with a kernel of one element: interpreters before
   * 2.18 read only the first scale of a fully connected layer.
   */
  #appendAsConvolution(operator: TfOperator, x: TfTensor, layer: IntegerLayer, quantization: TfQuantization): void {
    const weights = operator.inputs[1]!;
    const [outputs = 0, inputs = 0] = weights.shape;
    const result = operator.outputs[0]!;
    const rows = result.shape.reduce((product, dim) => product * dim, 1) / outputs;
    const source = this.#reshaped(x, [1, 1, rows, inputs], `${result.name}/rows`);
    const filter: TfTensor = { ...layer.weights, name: weights.name, shape: [outputs, 1, 1, inputs] };
    const zeros: TfTensor = {
      name: `${result.name}/bias`,
      type: 'int32',
      shape: [outputs],
      data: new Uint8Array(4 * outputs),
      quantization: {
        scales: layer.weights.quantization.scales.map((scale) => Math.fround(scale * x.quantization!.scales[0]!)),
        zeroPoints: layer.weights.quantization.zeroPoints,
        axis: 0,
      },
    };
    const given = operator.inputs[2];
    const bias = given === undefined ? zeros : { ...layer.bias!, name: given.name, shape: [outputs] };
    const product: TfTensor = {
      name: `${result.name}/product`,
      type: 'int8',
      shape: [1, 1, rows, outputs],
      data: undefined,
      quantization,
    };
    const { fused_activation_function = 0 } = operator.options;
    const options = {
      padding: 1,
      stride_h: 1,
      stride_w: 1,
      dilation_h_factor: 1,
      dilation_w_factor: 1,
      fused_activation_function,
    };
    this.#operators.push({ name: 'CONV_2D', inputs: [source, filter, bias], outputs: [product], options });
    this.#integer.set(result, this.#reshaped(product, result.shape, `${result.name}/int8`));
  }

  #reshaped(tensor: TfTensor, shape: readonly number[], name: string): TfTensor {
    const reshaped: TfTensor = { ...tensor, name, shape };
    const list: TfTensor = {
      name: `${name}/shape`,
      type: 'int32',
      shape: [shape.length],
      data: new Uint8Array(Int32Array.from(shape).buffer),
      quantization: undefined,
    };
    this.#operators.push({
      name: 'RESHAPE',
      inputs: [tensor, list],
      outputs: [reshaped],
      options: { new_shape: shape },
    });
    return reshaped;
  }

  /** Appends an operator with int8 results of these parameters. */
  #append(operator: TfOperator, inputs: TfOperator['inputs'], results: readonly TfQuantization[]): void {
    const outputs = operator.outputs.map((tensor, k): TfTensor => {
      const integer: TfTensor = { ...tensor, name: `${tensor.name}/int8`, type: 'int8', quantization: results[k]! };
      this.#integer.set(tensor, integer);
      return integer;
    });
    const form: TfOperator = { ...operator, inputs, outputs };
    this.#operators.push(operator.name === 'SPLIT' ? splitBySizes(form) : form);
  }

  /** The int8 form of a quantized tensor of the graph. */
  #signedOf(tensor: TfTensor): TfTensor {
    const known = this.#signed.get(tensor);
    if (known !== undefined) return known;
    if (tensor.type === 'int8') return tensor;
    const quantization = signedQuantization(tensor.type, tensor.quantization!);
    const signed: TfTensor = { ...tensor, name: `${tensor.name}/int8`, type: 'int8', quantization };
    this.#operators.push({ name: 'QUANTIZE', inputs: [tensor], outputs: [signed], options: {} });
    this.#signed.set(tensor, signed);
    return signed;
  }

  /** A tensor as the graph has it, made of its integers where it has not been made yet. */
  #plain(tensor: TfTensor): TfTensor {
    if (tensor.data !== undefined || this.#made.has(tensor)) return tensor;
    const integer = this.#integer.get(tensor) ?? this.#signed.get(tensor);
    if (integer === undefined || integer === tensor) return tensor;
    if (tensor.type === 'int8') return integer;
    const name = tensor.type === 'float32' ? 'DEQUANTIZE' : 'QUANTIZE';
    this.#operators.push({ name, inputs: [integer], outputs: [tensor], options: {} });
    this.#made.add(tensor);
    return tensor;
  }

  /** The tensor of an output of the model: of its own type, and no other port's. */
  #portTensor(tensor: TfTensor, given: ReadonlySet<TfTensor>): TfTensor {
    const own = this.#plain(tensor);
    const taken = given.has(own) || this.#graph.inputs.some((port) => port.tensor === own);
    return taken ? this.#reshaped(own, own.shape, `${tensor.name}/output`) : own;
  }
}

function isActivation(tensor: TfTensor | undefined): tensor is TfTensor & { readonly quantization: TfQuantization } {
  if (tensor?.quantization === undefined || tensor.data !== undefined) return false;
  return (tensor.type === 'int8' || tensor.type === 'uint8') && tensor.quantization.scales.length === 1;
}

function keeps({ name }: TfOperator): boolean {
  return KEEP_ELEMENTS.has(name);
}

/** Whether nothing but a maximum reads what an operator gives. */
function onlyMaximum(
  { outputs: [result] }: TfOperator,
  readers: ReadonlyMap<TfTensor, readonly TfOperator[]>,
): boolean {
  return result !== undefined && (readers.get(result) ?? []).every(({ name }) => name === 'MAX_POOL_2D');
}

function near(a: number, b: number): boolean {
  return Math.abs(a - b) <= SCALE_TOLERANCE * b;
}
