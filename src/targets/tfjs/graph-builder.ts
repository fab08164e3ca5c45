import { createHash } from 'node:crypto';
import type { TfTensor } from '../device/tflite/tf-graph.ts';
import { type AttrValue, type NodeDef, shapeOf, type TfDataType } from './node-def.ts';
import { HELD_TYPES, heldAs, heldBytes, signatureType, type TfjsType } from './tfjs-types.ts';

/** The name of a node, or with `:1` and so on a further output of it. */
export type NodeRef = string;

/** A constant of a graph model; its node has the same name. */
export interface TfjsWeight {
  readonly name: string;
  readonly dtype: TfjsType;
  readonly shape: readonly number[];
  /** Packed little-endian elements. */
  readonly data: Uint8Array;
}

/** An input or output under the name and type that the source model gives it. */
export interface TfjsPort {
  readonly name: string;
  readonly ref: NodeRef;
  readonly dtype: TfDataType;
  readonly shape: readonly number[];
}

/** A graph of TensorFlow operators as TensorFlow.js executes it. */
export interface TfjsGraph {
  readonly nodes: readonly NodeDef[];
  readonly weights: readonly TfjsWeight[];
  readonly inputs: readonly TfjsPort[];
  readonly outputs: readonly TfjsPort[];
}

/**
 * Builds the nodes and constants of one graph. Names are made unique, and free of what TensorFlow gives a meaning; equal
 * constants are one node.
 */
export class GraphBuilder {
  readonly nodes: NodeDef[] = [];
  readonly weights: TfjsWeight[] = [];
  readonly #names = new Set<string>();
  readonly #byContent = new Map<string, NodeRef>();
  readonly #derived = new WeakMap<TfTensor, Map<string, NodeRef>>();

  node(op: string, inputs: readonly NodeRef[], attr: Readonly<Record<string, AttrValue>>, label: string): NodeRef {
    const name = this.#unique(label);
    this.nodes.push({ name, op, input: inputs, attr });
    return name;
  }

  placeholder({ name, type, shape }: TfTensor): NodeRef {
    const attr = { dtype: { type: signatureType(type, name) }, shape: { shape: shapeOf(shape) } };
    return this.node('Placeholder', [], attr, name);
  }

  /** The constant that stands for a tensor with data, or one made of it, once for each form. */
  constantOf(
    tensor: TfTensor & { readonly data: Uint8Array },
    form = '',
    make: () => Pick<TfjsWeight, 'shape' | 'data'> = () => ({ shape: tensor.shape, data: heldBytes(tensor) }),
  ): NodeRef {
    const forms = this.#derived.get(tensor) ?? new Map<string, NodeRef>();
    this.#derived.set(tensor, forms);
    const dtype = heldAs(tensor.type, tensor.name);
    const made = forms.get(form) ?? this.constant({ name: tensor.name, dtype, ...make() });
    forms.set(form, made);
    return made;
  }

  constant({ name: label, dtype, shape, data }: TfjsWeight): NodeRef {
    const key = `${dtype} ${shape.join()} ${createHash('sha256').update(data).digest('hex')}`;
    const known = this.#byContent.get(key);
    if (known !== undefined) return known;
    const type = HELD_TYPES[dtype];
    const attr = { dtype: { type }, value: { tensor: { dtype: type, tensorShape: shapeOf(shape) } } };
    const name = this.node('Const', [], attr, label);
    this.weights.push({ name, dtype, shape, data });
    this.#byContent.set(key, name);
    return name;
  }

  /** A constant list of integers: axes, shapes, paddings. */
  integers(values: readonly number[], shape: readonly number[] = [values.length]): NodeRef {
    const name = `const/${values.slice(0, 8).join('_') || 'none'}`;
    return this.constant({ name, dtype: 'int32', shape, data: new Uint8Array(Int32Array.from(values).buffer) });
  }

  /** A constant number. */
  scalar(value: number, dtype: 'float32' | 'int32' = 'float32'): NodeRef {
    if (dtype === 'int32') return this.integers([value], []);
    const data = new Uint8Array(Float32Array.of(value).buffer);
    return this.constant({ name: `const/${value}`, dtype, shape: [], data });
  }

  /** A colon selects an output of a node, a caret before the name orders nodes: neither can be part of a name. */
  #unique(label: string): string {
    const base = label.replaceAll(/[^\w./-]/g, '_').replace(/^[^A-Za-z0-9.]/, 'n$&') || 'node';
    let name = base;
    for (let count = 1; this.#names.has(name); count++) name = `${base}_${count}`;
    this.#names.add(name);
    return name;
  }
}
