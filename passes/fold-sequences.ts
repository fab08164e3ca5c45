import { int, intOf } from '../src/ir/attribute.ts';
import type { Graph } from '../src/ir/graph.ts';
import type { Model } from '../src/ir/model.ts';
import { hasOneResult, isOp, type Node } from '../src/ir/node.ts';
import { scalarTensor } from '../src/ir/tensor.ts';
import type { Value } from '../src/ir/value.ts';
import { definePass } from '../src/pass/define-pass.ts';
import { buildWithAxes } from '../src/rewrite/axes-operand.ts';
import { type Build, createBuild } from '../src/rewrite/build.ts';
import { knownSequences, partsOf, placeIn, type SequenceElement } from '../src/rewrite/known-sequences.ts';
import { opsetAt } from '../src/rewrite/opset-at.ts';
import { splitSpec } from '../src/rewrite/split-spec.ts';

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
    const writer = new Writer(model, graph);
    for (const node of graph.nodes()) {
      const result = node.domain === '' && hasOneResult(node) ? resultOf(node, known, writer) : undefined;
      const [output] = node.outputs;
      if (result === undefined || output === undefined) continue;
      graph.replaceAllUses(output, result, { outputs: true });
      writer.replaced(output, result);
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
  readonly #model: Model;
  readonly #graph: Graph;
  readonly #parts = new Map<Node, readonly Value[]>();
  /** What stands for values that are gone, which sequences found before may still hold. */
  readonly #replaced = new Map<Value, Value>();

  constructor(model: Model, graph: Graph) {
    this.#model = model;
    this.#graph = graph;
  }

  constant(value: number): Value {
    return this.#graph.addConstant(scalarTensor('int64', value));
  }

  truth(): Value {
    return this.#graph.addConstant(scalarTensor('bool', 1));
  }

  replaced(gone: Value, by: Value): void {
    this.#replaced.set(gone, by);
  }

  element(element: SequenceElement): Value {
    if (element.kind === 'part') return this.#split(element.split)[element.index]!;
    return this.#replaced.get(element.value) ?? element.value;
  }

  /** ConcatFromSequence: along an axis of the elements, or along a new one. */
  joined(node: Node, elements: readonly SequenceElement[]): Value {
    const build = this.#before(node);
    const axis = intOf(node, 'axis') ?? 0;
    const values = elements.map((element) => this.element(element));
    const widened =
      intOf(node, 'new_axis') === 1 ? values.map((value) => buildWithAxes(build, 'Unsqueeze', value, [axis])) : values;
    return build.op('Concat', widened, { axis: int(axis) });
  }

  #split(node: Node): readonly Value[] {
    const made = this.#parts.get(node);
    if (made !== undefined) return made;
    const build = this.#before(node);
    const sizes = partsOf(node)!;
    const axis = intOf(node, 'axis') ?? 0;
    const spec = { ...splitSpec(node.inputs[0], axis, sizes, build), outputs: sizes.map(() => ({})) };
    const parts = build.node(spec).outputs as readonly Value[];
    const narrow = node.inputs[1] === undefined && intOf(node, 'keepdims') === 0;
    const values = narrow ? parts.map((part) => buildWithAxes(build, 'Squeeze', part, [axis])) : parts;
    this.#parts.set(node, values);
    return values;
  }

  /** What builds right before a node. */
  #before(root: Node): Build {
    const site = { model: this.#model, graph: this.#graph, opset: opsetAt(this.#model, this.#graph), root };
    return createBuild(site, root.origin, []);
  }
}
