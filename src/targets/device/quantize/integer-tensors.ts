import type { TfGraph, TfOperator, TfQuantization, TfTensor } from '../tflite/tf-graph.ts';
import type { ActivationBits } from './int8-rules.ts';
import { quantizedConstant, sameParams } from './quantized-constant.ts';

/** How tensors become integers. */
export interface IntegerSetting {
  readonly type: ActivationBits;
  /** Outputs of the model that are given out as floats: they keep their name in that form. */
  readonly floatOutputs: ReadonlySet<TfTensor>;
  /** The parameters of a tensor whose maker is free to choose them. */
  readonly paramsOf: (tensor: TfTensor) => TfQuantization;
}

/**
 * The forms that the tensors of a float graph have in the quantized one: integers, floats where an operator needs them,
 * and integers with the parameters that a reader asks for. QUANTIZE and DEQUANTIZE are appended where a form is wanted
 * for the first time.
 */
export class IntegerTensors {
  /** The operators of the quantized graph so far. */
  readonly operators: TfOperator[] = [];
  readonly #setting: IntegerSetting;
  readonly #integer = new Map<TfTensor, TfTensor>();
  readonly #float = new Map<TfTensor, TfTensor>();
  readonly #requantized = new Map<TfTensor, TfTensor[]>();
  readonly #constants = new Map<TfTensor, TfTensor[]>();
  /** What stands for the integers that the model itself quantizes to. */
  readonly #taken = new Map<TfTensor, TfTensor>();

  constructor(setting: IntegerSetting) {
    this.#setting = setting;
  }

  /** Says that a tensor is made as floats. */
  bindFloat(tensor: TfTensor): void {
    this.#float.set(tensor, tensor);
  }

  /** The integers with these parameters that an operator, or the caller of the model, makes in place of a tensor. */
  made(tensor: TfTensor, quantization: TfQuantization): TfTensor {
    const { type, floatOutputs } = this.#setting;
    const name = floatOutputs.has(tensor) ? `${tensor.name}/quantized` : tensor.name;
    const integer: TfTensor = { ...tensor, name, type, quantization };
    this.#integer.set(tensor, integer);
    return integer;
  }

  /** The integers of a tensor, if it has any yet. */
  known(tensor: TfTensor): TfTensor | undefined {
    return this.#integer.get(tensor);
  }

  /** A QUANTIZE or DEQUANTIZE of the model itself: its parameters are taken over, and nothing is computed for it. */
  takeOver(
    { name, inputs: [source], outputs: [result] }: TfOperator,
    observed: { has(tensor: TfTensor): boolean },
  ): boolean {
    const { type } = this.#setting;
    if (source === undefined || result === undefined) return false;
    if (name === 'DEQUANTIZE' && source.type === type && result.type === 'float32') {
      this.#integer.set(result, this.#taken.get(source) ?? source);
      return true;
    }
    const fits = name === 'QUANTIZE' && result.type === type && result.quantization !== undefined;
    if (!fits || (!this.#integer.has(source) && !observed.has(source))) return false;
    this.#taken.set(result, this.integerWith(source, result.quantization!));
    return true;
  }

  /** What an operator that stays as it is reads for an operand. */
  unquantized(tensor: TfTensor): TfTensor {
    return this.#taken.get(tensor) ?? this.floatOf(tensor);
  }

  integerOf(tensor: TfTensor): TfTensor {
    const { type, paramsOf } = this.#setting;
    const known = this.#integer.get(tensor);
    if (known !== undefined) return known;
    if (tensor.data !== undefined) return this.#constantWith(tensor, paramsOf(tensor));
    const integer: TfTensor = {
      ...tensor,
      name: `${tensor.name}/quantized`,
      type,
      quantization: paramsOf(tensor),
    };
    this.operators.push({ name: 'QUANTIZE', inputs: [this.floatOf(tensor)], outputs: [integer], options: {} });
    this.#integer.set(tensor, integer);
    return integer;
  }

  /** A tensor as integers with given parameters; converted where it has others. */
  integerWith(tensor: TfTensor, params: TfQuantization): TfTensor {
    if (tensor.data !== undefined) return this.#constantWith(tensor, params);
    const integer = this.integerOf(tensor);
    if (sameParams(integer.quantization, params)) return integer;
    const versions = this.#requantized.get(tensor) ?? [];
    const known = versions.find((version) => sameParams(version.quantization, params));
    if (known !== undefined) return known;
    const made: TfTensor = {
      ...integer,
      name: `${tensor.name}/requantized${versions.length || ''}`,
      quantization: params,
    };
    this.operators.push({ name: 'QUANTIZE', inputs: [integer], outputs: [made], options: {} });
    this.#requantized.set(tensor, [...versions, made]);
    return made;
  }

  floatOf(tensor: TfTensor): TfTensor {
    const known = this.#float.get(tensor);
    if (known !== undefined) return known;
    const integer = this.#integer.get(tensor);
    if (tensor.type !== 'float32' || tensor.data !== undefined || integer === undefined) return tensor;
    const own = this.#setting.floatOutputs.has(tensor);
    const float: TfTensor = own ? tensor : { ...tensor, name: `${tensor.name}/float` };
    this.operators.push({ name: 'DEQUANTIZE', inputs: [integer], outputs: [float], options: {} });
    this.#float.set(tensor, float);
    return float;
  }

  #constantWith(tensor: TfTensor, params: TfQuantization): TfTensor {
    const versions = this.#constants.get(tensor) ?? [];
    const known = versions.find((version) => sameParams(version.quantization, params));
    if (known !== undefined) return known;
    const made = quantizedConstant(tensor, params, this.#setting.type);
    this.#constants.set(tensor, [...versions, made]);
    return made;
  }
}

/** The outputs that are given out as floats. */
export function floatOutputsOf(graph: TfGraph, quantizedPorts: boolean): ReadonlySet<TfTensor> {
  return new Set(quantizedPorts ? [] : graph.outputs.map(({ tensor }) => tensor));
}
