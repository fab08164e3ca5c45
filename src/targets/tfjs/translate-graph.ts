import type { TfGraph, TfOperator, TfPort, TfTensor } from '../device/tflite/tf-graph.ts';
import { moveElements, orderedShape } from '../nhwc/layout/permutation.ts';
import { CannotLower, type Refusal } from '../nhwc/refusal.ts';
import { GraphBuilder, type NodeRef, type TfjsGraph, type TfjsPort, type TfjsWeight } from './graph-builder.ts';
import type { AttrValue } from './node-def.ts';
import { signatureType } from './tfjs-types.ts';
import { translationOf } from './translate/table.ts';
import type { TranslateCall, WeightsForm } from './translate/translation.ts';

const FLOAT_BYTES = 4;

/** A graph of TensorFlow operators, or why there is none. */
export interface TranslatedGraph {
  readonly graph: TfjsGraph | undefined;
  /** Operators without a form, in order. */
  readonly refused: readonly Refusal[];
}

/** Translates a graph of TensorFlow Lite's operators, in float32, to those that TensorFlow.js executes. */
export function translateGraph(graph: TfGraph): TranslatedGraph {
  const builder = new GraphBuilder();
  const refs = new Map<TfTensor, NodeRef>();
  const refused: Refusal[] = [];
  const attempt = (action: () => void): void => {
    try {
      action();
    } catch (error) {
      if (!(error instanceof CannotLower)) throw error;
      refused.push(error.refusal);
    }
  };
  for (const { tensor } of graph.inputs) attempt(() => void refs.set(tensor, builder.placeholder(tensor)));
  for (const operator of graph.operators) {
    const follows = operator.inputs.some((tensor) => tensor !== undefined && !tensor.data && !refs.has(tensor));
    if (!follows) attempt(() => translate(operator, builder, refs));
  }
  if (refused.length > 0) return { graph: undefined, refused };
  const inputs = graph.inputs.map((port) => portOf(port, refs.get(port.tensor)!));
  const outputs = outputPorts(graph.outputs, builder, refs);
  return { graph: { nodes: builder.nodes, weights: builder.weights, inputs, outputs }, refused };
}

function portOf({ name, tensor }: TfPort, ref: NodeRef): TfjsPort {
  return { name, ref, dtype: signatureType(tensor.type, tensor.name), shape: tensor.shape };
}

/** Each output as a node of its own: what the runtime gives out is the caller's to dispose of. */
function outputPorts(
  ports: readonly TfPort[],
  builder: GraphBuilder,
  refs: ReadonlyMap<TfTensor, NodeRef>,
): readonly TfjsPort[] {
  const taken = new Set(
    builder.nodes.flatMap(({ op, name }) => (op === 'Placeholder' || op === 'Const' ? [name] : [])),
  );
  return ports.map((port) => {
    const ref = refs.get(port.tensor)!;
    const own = taken.has(ref) ? builder.node('Identity', [ref], {}, port.name) : ref;
    taken.add(own);
    return portOf(port, own);
  });
}

function translate(operator: TfOperator, builder: GraphBuilder, refs: Map<TfTensor, NodeRef>): void {
  const call: TranslateCall = callOf(operator, builder, refs);
  const translation = translationOf(operator.name);
  if (translation === undefined) {
    call.refuse({
      code: 'tfjs-operator',
      message: `TensorFlow.js has no form of ${operator.name}, which '${call.result().name}' comes from`,
    });
  }
  const made = translation(call);
  const results = typeof made === 'string' ? [made] : made;
  for (const [index, tensor] of operator.outputs.entries()) refs.set(tensor, results[index]!);
}

function callOf(operator: TfOperator, builder: GraphBuilder, refs: ReadonlyMap<TfTensor, NodeRef>): TranslateCall {
  const { inputs, outputs, options } = operator;
  const label = outputs[0]!.name;
  const tensor = (index: number): TfTensor => {
    const found = inputs[index];
    if (found === undefined) throw new Error(`${operator.name} '${label}' lacks operand ${index}`);
    return found;
  };
  const refuse: TranslateCall['refuse'] = (reason) => {
    throw new CannotLower({
      at: label,
      hint: 'Take another runtime for this model, or export it with other operators.',
      ...reason,
    });
  };
  const known = (index: number): TfTensor & { readonly data: Uint8Array } => {
    const { data, ...rest } = tensor(index);
    if (data !== undefined) return tensor(index) as TfTensor & { readonly data: Uint8Array };
    return refuse({
      code: 'tfjs-parameter-not-constant',
      message: `operand ${index} of ${operator.name}, '${rest.name}', is computed while the model runs`,
    });
  };
  const node = (op: string, operands: readonly NodeRef[], attr: Readonly<Record<string, AttrValue>> = {}): NodeRef =>
    builder.node(op, operands, attr, label);
  const integers: TranslateCall['integers'] = (values, shape) => builder.integers(values, shape);
  return {
    operator,
    tensor,
    result: (index = 0) => outputs[index]!,
    has: (index) => inputs[index] !== undefined,
    input: (index) => (tensor(index).data === undefined ? refs.get(tensor(index))! : builder.constantOf(known(index))),
    integersOf: (index) => {
      const { type, data } = known(index);
      if (type !== 'int32') throw new Error(`operand ${index} of ${operator.name} is a list of ${type}`);
      return [...new Int32Array(data.slice().buffer)];
    },
    option: (name) => Number(options[name] ?? 0),
    node,
    integers,
    scalar: (value, dtype) => builder.scalar(value, dtype),
    weights: (index, order, form = {}) => {
      const key = `${order.join()} ${JSON.stringify(form)}`;
      const source = known(index);
      return builder.constantOf(source, key, () => formOf(source, order, form));
    },
    reshape: (x, shape) => node('Reshape', [x, integers(shape)]),
    refuse,
  };
}

/** A float32 constant in another order and form. */
function formOf(
  { shape, data }: TfTensor & { readonly data: Uint8Array },
  order: readonly number[],
  { shape: as, part = { index: 0, count: 1 }, spread = [1, 1] }: WeightsForm,
): Pick<TfjsWeight, 'shape' | 'data'> {
  const [first = 1, ...rest] = shape;
  const size = data.byteLength / part.count;
  const bytes = data.subarray(part.index * size, (part.index + 1) * size);
  const wide = spreadOut(bytes, [first / part.count, ...rest], spread);
  return {
    shape: as ?? orderedShape(wide.shape, order),
    data: moveElements(wide.data, wide.shape, order, FLOAT_BYTES),
  };
}

/** Filters [n, height, width, m] with zeros between their rows and columns. */
function spreadOut(data: Uint8Array, shape: readonly number[], [down, across]: readonly [number, number]) {
  if (down === 1 && across === 1) return { shape, data };
  const [count = 0, height = 0, width = 0, depth = 0] = shape;
  const wide = [count, (height - 1) * down + 1, (width - 1) * across + 1, depth] as const;
  const pixel = depth * FLOAT_BYTES;
  const result = new Uint8Array(wide[0] * wide[1] * wide[2] * pixel);
  for (let at = 0; at < count * height * width; at++) {
    const [n, y, x] = [Math.floor(at / (height * width)), Math.floor(at / width) % height, at % width];
    const to = ((n * wide[1] + y * down) * wide[2] + x * across) * pixel;
    result.set(data.subarray(at * pixel, (at + 1) * pixel), to);
  }
  return { shape: wide, data: result };
}
