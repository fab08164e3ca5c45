import { Graph } from '../../src/ir/graph.ts';
import type { Model } from '../../src/ir/model.ts';
import type { Node, NodeSpec } from '../../src/ir/node.ts';
import { tensorFromNumbers } from '../../src/ir/tensor.ts';
import type { Value } from '../../src/ir/value.ts';
import { tensorType } from '../../src/ir/value-type.ts';

/** A model around an empty graph. */
export function modelOf(graph: Graph, opset = 17): Model {
  return {
    graph,
    functions: [],
    irVersion: 8,
    opsetImports: new Map([['', opset]]),
    producerName: '',
    producerVersion: '',
    domain: '',
    modelVersion: 0n,
    trainingInfo: [],
    extra: undefined,
  };
}

/** A graph under construction, in few words. */
export interface Sketch {
  readonly graph: Graph;
  input(name: string, shape?: readonly (number | string)[]): Value;
  constant(name: string, values: readonly number[], dims?: readonly number[]): Value;
  /** Appends a node and gives its first result, which is called `name`. */
  op(name: string, op: string, inputs: readonly (Value | undefined)[], more?: Partial<NodeSpec>): Value;
}

export function sketch(): Sketch {
  const graph = new Graph('g');
  return {
    graph,
    input: (name, shape) => graph.addInput(name, tensorType('float32', shape)),
    constant: (name, values, dims = [values.length]) =>
      graph.addConstant(tensorFromNumbers('float32', dims, values), name),
    op: (name, op, inputs, more = {}) =>
      graph.append({ op, inputs, name: `${name}_node`, outputs: [{ name }], ...more }).outputs[0]!,
  };
}

/** The operators of a graph in order. */
export function opsOf(graph: Graph): string[] {
  return [...graph.nodes()].map((node: Node) => node.op);
}
