import { type Graph, subgraphsOf } from '../../ir/graph.ts';
import { describeNode, isOp, type Node } from '../../ir/node.ts';
import type { Value } from '../../ir/value.ts';
import { bindingHint } from '../nhwc/binding-hint.ts';
import { staticShape } from '../nhwc/layout/static-shape.ts';
import type { Refusal } from '../nhwc/refusal.ts';
import { legalizationOf } from './legalize/table.ts';
import { noForm } from './no-form.ts';

/** Values whose shape the runtime would have to find out: only the first of each chain is worth telling. */
export function unknownShapes(graph: Graph): Refusal[] {
  const refused = unknownInputs(graph);
  for (const value of [...graph.inputs, ...graph.outputs.map((output) => output.value)]) {
    if (!staticShape(value)?.includes(0)) continue;
    const cause = value.isInput ? bindingHint([value]) : undefined;
    refused.push({
      code: 'device-empty-tensor',
      at: value.name,
      message: `'${value.name}' has no elements; LiteRT takes no empty tensors`,
      hint: cause ?? 'Fix the sizes so that every input has at least one element.',
    });
  }
  if (refused.length === 0) refused.push(...unknownResults(graph));
  return refused;
}

function unknownInputs(graph: Graph): Refusal[] {
  return graph.inputs
    .filter((value) => staticShape(value) === undefined)
    .map((value) => ({
      code: 'device-dynamic-shape',
      at: value.name,
      message: `the shape of '${value.name}' is not known before the model runs`,
      hint: bindingHint([value]) ?? 'Fix the sizes of the inputs: give whole shapes, or a size for each symbol.',
    }));
}

/** The first node of a graph, or of one nested in it, whose results have no shape that is proven. */
function unknownResults(graph: Graph): Refusal[] {
  for (const node of graph.nodes()) {
    for (const inner of legalizationOf(node) === undefined ? [] : subgraphsOf(node)) {
      const [first] = [...unknownStates(node, inner), ...unknownResults(inner)];
      if (first !== undefined) return [blamed(node, first)];
    }
    if (node.outputs.some((value) => value !== undefined && staticShape(value) === undefined)) return [unknown(node)];
  }
  return [];
}

/** What a loop carries from round to round is to keep its shape. */
function unknownStates(node: Node, body: Graph): Refusal[] {
  const value = body.inputs.find((input) => staticShape(input) === undefined);
  if (value === undefined) return [];
  return [
    {
      code: 'device-dynamic-shape',
      at: describeNode(node),
      message: `'${value.name}', which ${describeNode(node)} carries from round to round, does not keep one shape`,
      hint: 'Export the model so that what a loop carries keeps its shape: a buffer of full size that is filled.',
    },
  ];
}

/** A branch that has no shapes is perhaps never taken: which one is may depend on an input that is always the same. */
function blamed(node: Node, refusal: Refusal): Refusal {
  const hint = isOp(node, 'If') ? bindingHint([node.inputs[0]!]) : undefined;
  return hint === undefined ? refusal : { ...refusal, hint };
}

function unknown(node: Node): Refusal {
  if (legalizationOf(node) === undefined) return noForm(node);
  const operands = node.inputs.filter((value): value is Value => value !== undefined);
  return {
    code: 'device-dynamic-shape',
    at: describeNode(node),
    message: `the shape of what ${describeNode(node)} computes is not known before the model runs`,
    hint: bindingHint(operands) ?? 'Fix the sizes of the inputs, or export the model with static shapes.',
  };
}
