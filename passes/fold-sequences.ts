import { int, intOf, ints } from '../src/ir/attribute.ts';
import type { Graph } from '../src/ir/graph.ts';
import { isOp, type Node } from '../src/ir/node.ts';
import { int64Tensor, scalarTensor } from '../src/ir/tensor.ts';
import type { Value } from '../src/ir/value.ts';
import { definePass } from '../src/pass/define-pass.ts';
import { knownSequences, partsOf, placeIn, type SequenceElement } from '../src/rewrite/known-sequences.ts';
import { opsetAt } from '../src/rewrite/opset-at.ts';

/** From here on Squeeze, Unsqueeze and Split take axes and sizes as operands. */
const OPERANDS_SINCE = 13;

/**
 * Takes sequences apart that hold known elements, and optionals that hold something: what reads an element reads the
 * tensor itself, the length becomes a constant, joining becomes a Concat. Few runtimes beside ONNX Runtime know sequences.
 */
export const foldSequences = definePass({
  name: 'fold-sequences',
  summary: 'Replace what reads sequences of known elements, and optionals that are given, by what reads the tensors',
  effect: 'exact',
  options: {},
  run(graph, { model, count }) {
    const known = knownSequences(graph);
    const writer = new Writer(graph, opsetAt(model, graph));
    for (const node of graph.nodes()) {
      const result = node.domain === '' ? resultOf(node, known, writer) : undefined;
      const [output] = node.outputs;
      if (result === undefined || output === undefined) continue;
      graph.replaceAllUses(output, result, { outputs: true });
      graph.erase(node);
      count(`${node.op} replaced`);
    }
  },
});

function resultOf(
  node: Node,
  known: ReadonlyMap<Value, readonly SequenceElement[]>,
  writer: Writer,
): Value | undefined {
  const [input] = node.inputs;
  const elements = input && known.get(input);
  switch (node.op) {
    case 'SequenceAt': {
      const at = placeIn(elements, node.inputs[1], undefined);
      return at === undefined ? undefined : writer.element(elements![at]!);
    }
    case 'SequenceLength':
      return elements && writer.constant(elements.length);
    case 'ConcatFromSequence':
      return elements && elements.length > 0 ? writer.joined(node, elements) : undefined;
    case 'OptionalGetElement':
      return given(input);
    case 'OptionalHasElement':
      return given(input) && writer.truth();
    default:
      return undefined;
  }
}

/** What an optional holds, where it is one that was made of something. */
function given(optional: Value | undefined): Value | undefined {
  if (optional?.type?.kind === 'tensor' || optional?.type?.kind === 'sequence') return optional;
  return isOp(optional?.producer, 'Optional') ? optional.producer.inputs[0] : undefined;
}

/** Writes what takes the place of sequences; each SplitToSequence becomes one Split. */
class Writer {
  readonly #graph: Graph;
  readonly #opset: number;
  readonly #parts = new Map<Node, readonly Value[]>();

  constructor(graph: Graph, opset: number) {
    this.#graph = graph;
    this.#opset = opset;
  }

  constant(value: number): Value {
    return this.#graph.addConstant(scalarTensor('int64', value));
  }

  truth(): Value {
    return this.#graph.addConstant(scalarTensor('bool', 1));
  }

  element(element: SequenceElement): Value {
    return element.kind === 'value' ? element.value : this.#split(element.split)[element.index]!;
  }

  /** ConcatFromSequence: along an axis of the elements, or along a new one. */
  joined(node: Node, elements: readonly SequenceElement[]): Value {
    const axis = intOf(node, 'axis') ?? 0;
    const values = elements.map((element) => this.element(element));
    const widened =
      intOf(node, 'new_axis') === 1 ? values.map((value) => this.#reaxed('Unsqueeze', node, value, axis)) : values;
    return this.#before(node, { op: 'Concat', inputs: widened, attributes: { axis: int(axis) } })[0]!;
  }

  #split(node: Node): readonly Value[] {
    const made = this.#parts.get(node);
    if (made !== undefined) return made;
    const sizes = partsOf(node)!;
    const axis = intOf(node, 'axis') ?? 0;
    const operands = this.#opset >= OPERANDS_SINCE;
    const parts = this.#before(node, {
      op: 'Split',
      inputs: operands ? [node.inputs[0]!, this.#graph.addConstant(int64Tensor(sizes))] : [node.inputs[0]!],
      attributes: { axis: int(axis), ...(operands ? {} : { split: ints(sizes) }) },
      outputs: sizes.map(() => ({})),
    });
    const narrow = node.inputs[1] === undefined && intOf(node, 'keepdims') === 0;
    const values = narrow ? parts.map((part) => this.#reaxed('Squeeze', node, part, axis)) : parts;
    this.#parts.set(node, values);
    return values;
  }

  /** A value with an axis of size 1 more or less. */
  #reaxed(op: 'Squeeze' | 'Unsqueeze', anchor: Node, value: Value, axis: number): Value {
    const spec =
      this.#opset >= OPERANDS_SINCE
        ? { op, inputs: [value, this.#graph.addConstant(int64Tensor([axis]))] }
        : { op, inputs: [value], attributes: { axes: ints([axis]) } };
    return this.#before(anchor, spec)[0]!;
  }

  #before(anchor: Node, spec: Parameters<Graph['insertBefore']>[1]): readonly Value[] {
    return this.#graph.insertBefore(anchor, spec).outputs as readonly Value[];
  }
}
