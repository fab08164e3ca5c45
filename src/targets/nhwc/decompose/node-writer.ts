import type { Attribute } from '../../../ir/attribute.ts';
import type { Graph } from '../../../ir/graph.ts';
import type { Node } from '../../../ir/node.ts';
import { int64Tensor, scalarTensor } from '../../../ir/tensor.ts';
import type { Value } from '../../../ir/value.ts';

/** Writes the nodes that stand for another one, right before it. */
export class NodeWriter {
  readonly graph: Graph;
  readonly node: Node;

  constructor(node: Node) {
    this.graph = node.graph!;
    this.node = node;
  }

  /** A node of ai.onnx with one result, which is returned. */
  op(op: string, inputs: readonly (Value | undefined)[], attributes: Readonly<Record<string, Attribute>> = {}): Value {
    return this.graph.insertBefore(this.node, { op, inputs, attributes, origin: this.node.origin }).outputs[0]!;
  }

  ints(values: readonly number[]): Value {
    return this.graph.addConstant(int64Tensor(values));
  }

  float(value: number): Value {
    return this.graph.addConstant(scalarTensor('float32', value));
  }

  reshape(value: Value, shape: readonly number[]): Value {
    return this.op('Reshape', [value, this.ints(shape)]);
  }

  /** Elements from `start` to before `end` along an axis. */
  slice(value: Value, axis: number, start: number, end: number, step = 1): Value {
    return this.op('Slice', [value, ...[start, end, axis, step].map((bound) => this.ints([bound]))]);
  }

  /** Puts these values in place of the node's results, which are those at the same places, and removes it. */
  replace(results: readonly (Value | undefined)[]): void {
    for (const [index, output] of this.node.outputs.entries()) {
      const result = results[index];
      if (output === undefined) continue;
      if (result === undefined) throw new RangeError(`nothing stands for result ${index} of ${this.node.op}`);
      this.graph.replaceAllUses(output, result, { outputs: true });
    }
    this.graph.erase(this.node);
  }
}
