import { note } from '../src/diagnostics/diagnostic.ts';
import { int } from '../src/ir/attribute.ts';
import type { Graph } from '../src/ir/graph.ts';
import { isOp, type Node } from '../src/ir/node.ts';
import { isUnused, type Use, type Value } from '../src/ir/value.ts';
import { dtypeOf, shapeOf, tensorType } from '../src/ir/value-type.ts';
import { floatTypeOf, runsInFloat16, takesFloat16 } from '../src/ops/float16-support.ts';
import { parameterAt } from '../src/ops/schema/check-node.ts';
import { schemaOf } from '../src/ops/schema/schema-of.ts';
import { definePass } from '../src/pass/define-pass.ts';
import { matchesNode } from '../src/pass/node-pattern.ts';
import { float16Tensor } from '../src/quantize/float16-tensor.ts';
import { opsetAt } from '../src/rewrite/opset-at.ts';

/** ONNX's numbers of the two types, as Cast takes them. */
const CODE = { float32: 1, float16: 10 } as const;

/**
 * Stores weights and computes activations in IEEE binary16, half the size. Inputs and outputs of the graph stay float32,
 * as do operators without a float16 form, or that lose too much in it; Casts stand between.
 */
export const convertFloat16 = definePass({
  name: 'convert-float16',
  summary: 'Convert weights and activations to float16, keeping float32 inputs and outputs',
  effect: 'lossy',
  scope: 'model',
  options: {
    exclude: { kind: 'list', default: [], help: 'Nodes to leave in float32: names or operators, with * and ?' },
  },
  run(graph, { model, options, count, report }) {
    const opset = opsetAt(model, graph);
    const halves = new Map<Node, ReadonlySet<number>>();
    for (const node of graph.nodes()) {
      const schema = schemaOf(node.domain, node.op, opset);
      if (schema === undefined || matchesNode(node, options.exclude) || !runsInFloat16(node, schema)) continue;
      if (isBorder(node)) continue;
      const operands = node.inputs.flatMap((value, index) => {
        const parameter = parameterAt(schema.inputs, index);
        const half = value !== undefined && floatTypeOf(value) === 'float32' && parameter !== undefined;
        return half && takesFloat16(parameter, schema) ? [index] : [];
      });
      halves.set(node, new Set(operands));
    }
    const clamped = new HalfConverter(graph, halves).run();
    count('nodes in float16', halves.size);
    if (clamped > 0) {
      report(
        note({ code: 'float16-clamped', message: `${clamped} weights beyond 65504 were cut to it`, at: graph.name }),
      );
    }
  },
});

/** Whether a node is a Cast between float16 and another type, as this pass puts where the two meet. */
function isBorder(node: Node): boolean {
  if (!isOp(node, 'Cast')) return false;
  return [...node.inputs, ...node.outputs].some((value) => dtypeOf(value?.type) === 'float16');
}

/** Converts the chosen nodes of one graph, and puts Casts where values cross between the two types. */
class HalfConverter {
  readonly #graph: Graph;
  /** The nodes to convert, each with the operands that it takes in float16. */
  readonly #halves: ReadonlyMap<Node, ReadonlySet<number>>;
  readonly #narrowed = new Map<Value, Value>();
  #clamped = 0;

  constructor(graph: Graph, halves: ReadonlyMap<Node, ReadonlySet<number>>) {
    this.#graph = graph;
    this.#halves = halves;
  }

  /** @returns how many weights did not fit. */
  run(): number {
    const produced = new Set<Value>();
    for (const node of this.#halves.keys()) {
      for (const value of node.outputs)
        if (value !== undefined && floatTypeOf(value) === 'float32') produced.add(value);
    }
    for (const [node, operands] of this.#halves) {
      for (const index of operands) {
        const value = node.inputs[index]!;
        if (produced.has(value)) continue;
        this.#graph.setInput(node, index, this.#narrow(value));
        if (value.constant !== undefined && value.graph === this.#graph && isUnused(value))
          this.#graph.eraseValue(value);
      }
      if (node.op === 'Cast' && node.outputs.some((value) => value !== undefined && produced.has(value))) {
        this.#graph.setAttribute(node, 'to', int(CODE.float16));
      }
    }
    for (const value of produced) this.#widen(value);
    return this.#clamped;
  }

  /** The float16 form of a float32 value: a constant of its own, or a Cast that all share. */
  #narrow(value: Value): Value {
    const known = this.#narrowed.get(value);
    if (known !== undefined) return known;
    const made = value.constant === undefined ? this.#cast(value, 'float16') : this.#narrowConstant(value);
    this.#narrowed.set(value, made);
    return made;
  }

  #narrowConstant(value: Value): Value {
    const { tensor, clamped } = float16Tensor(value.constant!);
    this.#clamped += clamped;
    return this.#graph.addConstant(tensor, value.name);
  }

  /** Makes a value float16, for all readers but those that take float32, which read it through a Cast. */
  #widen(value: Value): void {
    const shape = shapeOf(value.type);
    this.#graph.setType(value, tensorType('float16', shape));
    this.#graph.setDeclared(value, undefined);
    const takesHalf = ({ node, index }: Use) => this.#halves.get(node)?.has(index) ?? false;
    const others = [...value.uses].filter((use) => !takesHalf(use));
    if (others.length === 0 && value.outputCount === 0) return;
    const own = [...value.uses].filter(takesHalf);
    const float = this.#cast(value, 'float32');
    this.#graph.replaceAllUses(value, float, { outputs: true });
    this.#graph.setInput(float.producer!, 0, value);
    for (const { node, index } of own) this.#graph.setInput(node, index, value);
  }

  #cast(value: Value, to: keyof typeof CODE): Value {
    const [first] = this.#graph.nodes();
    const spec = {
      op: 'Cast',
      inputs: [value],
      attributes: { to: int(CODE[to]) },
      outputs: [{ type: tensorType(to, shapeOf(value.type)) }],
    };
    const node =
      value.producer === undefined
        ? this.#graph.insertBefore(first!, spec)
        : this.#graph.insertAfter(value.producer, spec);
    return node.outputs[0]!;
  }
}
