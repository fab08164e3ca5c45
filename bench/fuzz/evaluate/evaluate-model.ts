import { intOf, intsOf } from '../../../src/ir/attribute.ts';
import type { Graph } from '../../../src/ir/graph.ts';
import { type FunctionDef, type Model, opsetOf } from '../../../src/ir/model.ts';
import { describeNode, type Node } from '../../../src/ir/node.ts';
import { scalarTensor, type Tensor, toNumbers } from '../../../src/ir/tensor.ts';
import type { Value } from '../../../src/ir/value.ts';
import { evaluateNode } from '../../../src/ops/evaluate/evaluate-node.ts';
import { joinAlong, pieceAt } from './axis-pieces.ts';
import { LAYER_KERNELS } from './layer-kernels.ts';
import { NORMALIZATION_KERNELS } from './normalization-kernels.ts';
import { type Held, isSequence, SEQUENCE_RULES } from './sequence-rules.ts';

/** Thrown where a model, or a node of it, cannot be computed; the reason says what is missing or does not fit. */
export class NotEvaluated extends Error {}

/**
 * Thrown where the specification does not say what comes out: the sizes of what a loop stacks in no iteration. Also for
 * texts that a loop stacks, of which ONNX Runtime 1.30 loses some.
 */
export class Unspecified extends NotEvaluated {}

/** Operators that the project's own kernels leave out, or compute by other means than the fuzzer should. */
const PLAIN_KERNELS = { ...LAYER_KERNELS, ...NORMALIZATION_KERNELS };

/** Iterations of one Loop, and calls within calls, beyond which nothing is computed. */
const MAX_ITERATIONS = 64;
const MAX_DEPTH = 16;

/** What the values in sight hold: those of the graph and of the graphs around it. */
export type Environment = Map<Value, Held>;

/** The parts of a model that give its nodes their meaning. */
export interface Meaning extends Pick<Model, 'functions' | 'opsetImports'> {
  /** What becomes of each result before others read it; nothing by default. */
  readonly disturb?: ((result: Tensor) => Tensor) | undefined;
}

/**
 * The outputs of a model by name, computed by the project's own kernels, plain ones for convolutions and matrix products,
 * and the rules of If, Loop, Scan and functions. Inputs with a default may be missing from the feed.
 *
 * @throws NotEvaluated
 */
export function evaluateModel(
  model: Model,
  feed: ReadonlyMap<string, Tensor>,
  disturb?: Meaning['disturb'],
): ReadonlyMap<string, Tensor> {
  const environment: Environment = new Map();
  for (const input of model.graph.inputs) {
    const tensor = feed.get(input.name) ?? input.initial;
    if (tensor === undefined) throw new NotEvaluated(`no data for input '${input.name}'`);
    environment.set(input, tensor);
  }
  const { functions, opsetImports } = model;
  const outputs = evaluateGraph(model.graph, environment, { functions, opsetImports, disturb }, 0);
  return new Map(model.graph.outputs.map(({ name }, index) => [name, outputs[index]!]));
}

/** Computes one node into the environment. @throws NotEvaluated */
export function evaluateInto(environment: Environment, node: Node, meaning: Meaning, depth = 0): void {
  const onSequences =
    node.domain === '' && Object.hasOwn(SEQUENCE_RULES, node.op) ? SEQUENCE_RULES[node.op] : undefined;
  const results =
    onSequences === undefined
      ? resultsOf(
          node,
          node.inputs.map((input) => input && lookup(environment, input)),
          environment,
          meaning,
          depth,
        )
      : [
          onSequences(
            node,
            node.inputs.map((input) => input && heldBy(environment, input)),
          ),
        ];
  for (const [index, output] of node.outputs.entries()) {
    if (output === undefined) continue;
    const result = results[index];
    if (result === undefined) throw new NotEvaluated(`${describeNode(node)} has no result ${index}`);
    environment.set(output, isSequence(result) ? result : (meaning.disturb?.(result) ?? result));
  }
}

function evaluateGraph(graph: Graph, environment: Environment, meaning: Meaning, depth: number): Tensor[] {
  if (depth > MAX_DEPTH) throw new NotEvaluated('too deep');
  for (const node of graph.nodes()) evaluateInto(environment, node, meaning, depth);
  return graph.outputs.map(({ value }) => lookup(environment, value));
}

function lookup(environment: Environment, value: Value): Tensor {
  const held = heldBy(environment, value);
  if (isSequence(held)) throw new NotEvaluated(`'${value.name}' is a sequence`);
  return held;
}

function heldBy(environment: Environment, value: Value): Held {
  const found = environment.get(value) ?? value.constant ?? value.initial;
  if (found === undefined) throw new NotEvaluated(`'${value.name}' has no value`);
  return found;
}

function resultsOf(
  node: Node,
  inputs: readonly (Tensor | undefined)[],
  environment: Environment,
  meaning: Meaning,
  depth: number,
): readonly (Tensor | undefined)[] {
  const called = meaning.functions.find((one) => one.domain === node.domain && one.name === node.op);
  if (called !== undefined) return callFunction(called, node, inputs, meaning, depth);
  if (node.domain !== '') throw new NotEvaluated(`${describeNode(node)} is of another domain`);
  const inner = (graph: Graph, bound: readonly (Tensor | undefined)[]): Tensor[] => {
    const nested: Environment = new Map(environment);
    for (const [index, input] of graph.inputs.entries()) {
      const tensor = bound[index];
      if (tensor !== undefined) nested.set(input, tensor);
    }
    return evaluateGraph(graph, nested, meaning, depth + 1);
  };
  if (node.op === 'If') return inner(bodyOf(node, truth(inputs[0]) ? 'then_branch' : 'else_branch'), []);
  if (node.op === 'Loop') return loop(node, inputs, inner);
  if (node.op === 'Scan') return scan(node, inputs, inner);
  const opset = opsetOf(meaning);
  const plain = Object.hasOwn(PLAIN_KERNELS, node.op) ? PLAIN_KERNELS[node.op] : undefined;
  const own = plain?.({ node, inputs, opset });
  if (own !== undefined) return own;
  const evaluation = evaluateNode(node, inputs, opset);
  if (evaluation.kind === 'declined') throw new NotEvaluated(evaluation.reason);
  return evaluation.outputs;
}

function callFunction(
  { graph, opsetImports }: FunctionDef,
  node: Node,
  inputs: readonly (Tensor | undefined)[],
  { functions, disturb }: Meaning,
  depth: number,
): readonly Tensor[] {
  for (const inner of graph.nodes())
    for (const attribute of inner.attributes.values())
      if (attribute.kind === 'reference') throw new NotEvaluated(`${describeNode(node)} passes attributes on`);
  const environment: Environment = new Map();
  for (const [index, input] of graph.inputs.entries()) {
    const tensor = inputs[index];
    if (tensor !== undefined) environment.set(input, tensor);
  }
  return evaluateGraph(graph, environment, { functions, opsetImports: new Map(opsetImports), disturb }, depth + 1);
}

type Body = (graph: Graph, bound: readonly (Tensor | undefined)[]) => Tensor[];

function loop(node: Node, [trips, condition, ...carried]: readonly (Tensor | undefined)[], run: Body): Tensor[] {
  const body = bodyOf(node, 'body');
  const limit = trips === undefined ? Number.POSITIVE_INFINITY : toNumbers(trips)[0]!;
  let states = carried;
  let going = condition === undefined || truth(condition);
  const pieces: Tensor[][] = body.outputs.slice(1 + carried.length).map(() => []);
  for (let at = 0; at < limit && going; at++) {
    if (at >= MAX_ITERATIONS) throw new NotEvaluated('a long loop');
    const results = run(body, [scalarTensor('int64', at), scalarTensor('bool', 1), ...states]);
    going = truth(results[0]);
    states = results.slice(1, 1 + carried.length);
    for (const [index, list] of pieces.entries()) list.push(results[1 + carried.length + index]!);
  }
  return [...(states as Tensor[]), ...pieces.map((list) => stacked(list))];
}

function scan(node: Node, inputs: readonly (Tensor | undefined)[], run: Body): Tensor[] {
  const body = bodyOf(node, 'body');
  const scanned = intOf(node, 'num_scan_inputs') ?? 0;
  for (const name of ['scan_input_axes', 'scan_input_directions', 'scan_output_axes', 'scan_output_directions'])
    if (intsOf(node, name)?.some((value) => value !== 0)) throw new NotEvaluated(`Scan with ${name}`);
  const sequences = inputs.slice(inputs.length - scanned) as Tensor[];
  let states: readonly (Tensor | undefined)[] = inputs.slice(0, inputs.length - scanned);
  const length = sequences[0]?.dims[0] ?? 0;
  if (length > MAX_ITERATIONS) throw new NotEvaluated('a long scan');
  const pieces: Tensor[][] = body.outputs.slice(states.length).map(() => []);
  for (let at = 0; at < length; at++) {
    const results = run(body, [...states, ...sequences.map((tensor) => pieceAt(tensor, at))]);
    for (const [index, list] of pieces.entries()) list.push(results[states.length + index]!);
    states = results.slice(0, states.length);
  }
  return [...(states as Tensor[]), ...pieces.map((list) => stacked(list))];
}

function stacked(list: readonly Tensor[]): Tensor {
  if (list.length === 0) throw new Unspecified('a scan output that is empty');
  if (list[0]!.dtype === 'string') throw new Unspecified('a scan output of texts');
  const joined = joinAlong(list);
  if (joined === undefined) throw new NotEvaluated('a scan output of pieces that differ');
  return joined;
}

function bodyOf(node: Node, name: string): Graph {
  const attribute = node.attributes.get(name);
  if (attribute?.kind !== 'graph') throw new NotEvaluated(`${describeNode(node)} has no ${name}`);
  return attribute.value;
}

function truth(tensor: Tensor | undefined): boolean {
  if (tensor === undefined) throw new NotEvaluated('no condition');
  return toNumbers(tensor)[0] !== 0;
}
