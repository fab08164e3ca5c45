import type { OperatorName } from './tflite/builtin-operators.ts';
import type { ElementType } from './tflite/element-type.ts';
import type { TfIntegers, TfOperator, TfQuantization, TfTensor } from './tflite/tf-graph.ts';
import type { Row } from './tflite/write-table.ts';

/** What a tensor that is to be made looks like. */
export interface TensorSpec {
  readonly name: string;
  readonly type: ElementType;
  readonly shape: readonly number[];
  readonly quantization?: TfQuantization | undefined;
  /** For a constant: what the model stores it as. */
  readonly integers?: TfIntegers | undefined;
}

/** Builds the operators and tensors of one TensorFlow Lite graph in order. Names are made unique. */
export class TensorStore {
  readonly operators: TfOperator[] = [];
  readonly #names = new Map<string, number>();
  readonly #small = new Map<string, TfTensor>();
  readonly #derived = new WeakMap<object, Map<string, TfTensor>>();

  tensor({ name, type, shape, quantization }: TensorSpec): TfTensor {
    return { name: this.#unique(name), type, shape, data: undefined, quantization };
  }

  /** A constant over packed bytes, which it shares. */
  constant(spec: TensorSpec, data: Uint8Array): TfTensor {
    const { name, type, shape, quantization, integers } = spec;
    const made = { name: this.#unique(name), type, shape, data, quantization };
    return integers === undefined ? made : { ...made, integers };
  }

  /** A constant list of 32-bit integers: axes, shapes, paddings. Equal ones are one tensor. */
  integers(values: readonly number[], shape: readonly number[] = [values.length]): TfTensor {
    const key = `${values.join()}|${shape.join()}`;
    const known = this.#small.get(key);
    if (known !== undefined) return known;
    const data = new Uint8Array(Int32Array.from(values).buffer);
    const made = this.constant({ name: `const/${values.slice(0, 8).join('_') || 'none'}`, type: 'int32', shape }, data);
    this.#small.set(key, made);
    return made;
  }

  /** A constant of 32-bit floats. */
  floats(name: string, values: ArrayLike<number>, shape: readonly number[]): TfTensor {
    return this.constant({ name, type: 'float32', shape }, new Uint8Array(Float32Array.from(values).buffer));
  }

  /** A constant that is made of a tensor of the model, once for each form in which it is wanted. */
  derived(source: object, form: string, make: () => TfTensor): TfTensor {
    const forms = this.#derived.get(source) ?? new Map<string, TfTensor>();
    this.#derived.set(source, forms);
    const made = forms.get(form) ?? make();
    forms.set(form, made);
    return made;
  }

  /** Appends an operator that makes these tensors. */
  append(
    name: OperatorName,
    inputs: readonly (TfTensor | undefined)[],
    outputs: readonly TfTensor[],
    options: Row = {},
  ): void {
    this.operators.push({ name, inputs, outputs, options });
  }

  /** Appends an operator with one new result, which is returned. */
  emit(name: OperatorName, inputs: readonly (TfTensor | undefined)[], spec: TensorSpec, options: Row = {}): TfTensor {
    const output = this.tensor(spec);
    this.append(name, inputs, [output], options);
    return output;
  }

  #unique(name: string): string {
    const base = name === '' ? 'tensor' : name;
    const count = this.#names.get(base);
    this.#names.set(base, (count ?? 0) + 1);
    return count === undefined ? base : this.#unique(`${base}_${count}`);
  }
}
