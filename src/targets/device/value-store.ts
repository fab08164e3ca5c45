import { bitsOf, type DataType } from '../../ir/dtype.ts';
import { type Tensor, tensorBytes } from '../../ir/tensor.ts';
import type { Value } from '../../ir/value.ts';
import { dtypeOf } from '../../ir/value-type.ts';
import {
  type AxisOrder,
  identityOrder,
  moveBetween,
  moveElements,
  orderedShape,
  sameData,
  sameOrder,
} from '../nhwc/layout/permutation.ts';
import { staticShape } from '../nhwc/layout/static-shape.ts';
import { CannotLower } from '../nhwc/refusal.ts';
import type { IntegerSources } from '../nhwc/stored-integers.ts';
import { movedIntegers } from './integer/moved-integers.ts';
import type { TensorStore } from './tensor-store.ts';
import { type ElementType, isElementType } from './tflite/element-type.ts';
import { LOWERED_TYPES } from './tflite/kernel-types.ts';
import type { TfTensor } from './tflite/tf-graph.ts';

/** A tensor that a TRANSPOSE moved, and why. */
export interface TransposeRecord {
  readonly value: string;
  readonly shape: readonly number[];
  readonly reason: 'graph-input' | 'graph-output' | 'operator-order' | 'model';
  readonly for: string;
}

interface Version {
  readonly order: AxisOrder;
  readonly tensor: TfTensor;
}

/** The tensors that stand for the values of a graph, in the orders in which they have been asked for. */
export class ValueStore {
  readonly transposes: TransposeRecord[];
  readonly #store: TensorStore;
  readonly #integers: IntegerSources;
  readonly #outer: ValueStore | undefined;
  readonly #versions = new Map<Value, Version[]>();

  /** @param outer of the graph around, with which constants are shared. */
  constructor(store: TensorStore, integers: IntegerSources, outer?: ValueStore) {
    this.transposes = outer?.transposes ?? [];
    this.#store = store;
    this.#integers = integers;
    this.#outer = outer;
  }

  /** States which tensor holds a value in an order. */
  bind(value: Value, order: AxisOrder, tensor: TfTensor): void {
    const versions = this.#versions.get(value) ?? [];
    versions.push({ order, tensor });
    this.#versions.set(value, versions);
  }

  has(value: Value): boolean {
    return value.constant !== undefined || this.#versions.has(value);
  }

  /** The tensor that holds a value in an order; moved into it where there is none yet. */
  get(value: Value, order: AxisOrder, reader: string): TfTensor {
    const shape = shapeOrRefuse(value);
    if (shape.includes(0)) refuseEmpty(value, reader);
    const versions = this.#versions.get(value) ?? [];
    const exact = versions.find((version) => sameOrder(version.order, order));
    if (exact !== undefined) return exact.tensor;
    if (value.constant !== undefined) {
      return this.#outer?.get(value, order, reader) ?? this.#constant(value, value.constant, order);
    }
    const source = versions.find((version) => sameData(shape, version.order, order)) ?? versions[0];
    if (source === undefined) throw new Error(`value '${value.name}' is read before it is made`);
    const moved = this.#move(value, shape, source, order, reader);
    this.bind(value, order, moved);
    return moved;
  }

  #move(value: Value, shape: readonly number[], source: Version, order: AxisOrder, reader: string): TfTensor {
    const { tensor } = source;
    const spec = {
      name: `${value.name}/${order.join('')}`,
      type: tensor.type,
      shape: orderedShape(shape, order),
      quantization: tensor.quantization,
    };
    if (sameData(shape, source.order, order)) {
      return this.#store.emit('RESHAPE', [tensor, this.#store.integers(spec.shape)], spec, { new_shape: spec.shape });
    }
    this.transposes.push({
      value: value.name,
      shape,
      reason: value.isInput ? 'graph-input' : reader === '' ? 'graph-output' : 'operator-order',
      for: reader,
    });
    const move = moveBetween(source.order, order);
    return this.#store.emit('TRANSPOSE', [tensor, this.#store.integers(move)], spec);
  }

  #constant(value: Value, constant: Tensor, order: AxisOrder): TfTensor {
    const type = elementTypeOrRefuse(constant.dtype, value.name);
    const bytes = moveElements(tensorBytes(constant), constant.dims, order, bitsOf(type) / 8);
    const integers = movedIntegers(this.#integers.get(constant), constant.dims, order);
    const spec = { name: value.name, type, shape: orderedShape(constant.dims, order), integers };
    const made = this.#store.constant(spec, bytes);
    this.bind(value, order, made);
    return made;
  }
}

/** The proven sizes of a value. @throws CannotLower `device-dynamic-shape`. */
export function shapeOrRefuse(value: Value): readonly number[] {
  const shape = staticShape(value);
  if (shape !== undefined) return shape;
  throw new CannotLower({
    code: 'device-dynamic-shape',
    at: value.name,
    message: `the shape of '${value.name}' is not known before the model runs`,
    hint: 'Fix the sizes of the inputs: give whole shapes, or a size for each symbol.',
  });
}

function refuseEmpty({ name }: Value, reader: string): never {
  throw new CannotLower({
    code: 'device-empty-tensor',
    at: name,
    message: `'${name}' has no elements; LiteRT does not compute with empty tensors${reader === '' ? '' : `, as ${reader} would`}`,
    hint: 'Fix the sizes so that every tensor has at least one element.',
  });
}

/** The element type of a value. @throws CannotLower `device-type`. */
export function typeOrRefuse(value: Value): ElementType {
  const dtype = value.constant?.dtype ?? dtypeOf(value.type);
  return elementTypeOrRefuse(dtype, value.name);
}

/** As `typeOrRefuse`, of a type that is known. */
export function elementTypeOrRefuse(dtype: DataType | undefined, name: string): ElementType {
  if (dtype !== undefined && isElementType(dtype) && LOWERED_TYPES.has(dtype)) return dtype;
  throw new CannotLower({
    code: 'device-type',
    at: name,
    message: `'${name}' has type ${dtype ?? 'unknown'}, which TensorFlow Lite does not compute with`,
    hint: 'Keep this part of the model on the server, or export it with float32.',
  });
}

/** The tensor of a value in the model's own order. */
export function logicalTensor(values: ValueStore, value: Value, reader: string): TfTensor {
  return values.get(value, identityOrder(shapeOrRefuse(value).length), reader);
}
