import type { Attribute } from '../src/ir/attribute.ts';
import { calledFunction } from '../src/ir/called-function.ts';
import { cloneGraph } from '../src/ir/clone.ts';
import { type Graph, subgraphsOf } from '../src/ir/graph.ts';
import type { FunctionDef, Model } from '../src/ir/model.ts';
import type { Node } from '../src/ir/node.ts';
import type { Value } from '../src/ir/value.ts';
import { nodesWithin } from '../src/ir/walk.ts';
import { definePass } from '../src/pass/define-pass.ts';
import { copyBranch } from '../src/rewrite/copy-branch.ts';

/**
 * Puts the bodies of local functions in the place of their calls, calls inside bodies included, so that rewrites see
 * across them. A function of another opset than the model's stays, and so does one whose call leaves an attribute out
 * that the body refers to and has no default for.
 */
export const inlineFunctions = definePass({
  name: 'inline-functions',
  summary: 'Put the bodies of local functions in the place of their calls',
  effect: 'exact',
  options: {
    maxNodes: {
      kind: 'number',
      default: 100_000,
      min: 1,
      integer: true,
      help: 'Most nodes that inlining may add: functions that call each other grow exponentially',
    },
  },
  scope: 'model',
  run(_, { model, options, count }) {
    const pending = [...nodesWithin(model.graph)];
    let added = 0;
    for (let node = pending.pop(); node !== undefined; node = pending.pop()) {
      const definition = calledFunction(node, model);
      if (definition === undefined || node.graph === undefined) continue;
      const refusal = refusalOf(node, definition, model);
      if (refusal !== undefined) {
        count(`kept: ${refusal}`);
        continue;
      }
      added += [...nodesWithin(definition.graph)].length;
      if (added > options.maxNodes) {
        count('kept: over budget');
        break;
      }
      for (const [domain, version] of definition.opsetImports) model.opsetImports.set(domain, version);
      const copies = inline(node, node.graph, definition);
      for (const copy of copies) pending.push(copy, ...innerNodes(copy));
      count('calls inlined');
    }
  },
});

function refusalOf(node: Node, definition: FunctionDef, model: Model): string | undefined {
  for (const [domain, version] of definition.opsetImports) {
    const own = model.opsetImports.get(domain);
    if (own !== undefined && own !== version) return 'it follows another opset';
  }
  if (node.outputs.length > definition.graph.outputs.length) return 'it has more results than the function';
  const missing = definition.attributeNames.some((name) => !node.attributes.has(name));
  return missing ? 'an attribute is left out' : undefined;
}

function inline(call: Node, graph: Graph, definition: FunctionDef): readonly Node[] {
  const { graph: body } = cloneGraph(definition.graph);
  bindAttributes(body, new Map([...definition.attributeDefaults, ...call.attributes]));
  const values = new Map<Value, Value>();
  for (const [i, input] of body.inputs.entries()) {
    const operand = call.inputs[i];
    if (operand !== undefined) values.set(input, operand);
    else leaveOut(body, input);
  }
  const copies = copyBranch(body, graph, values, call);
  for (const [i, output] of call.outputs.entries()) {
    const result = body.outputs[i]?.value;
    if (output !== undefined && result !== undefined)
      graph.replaceAllUses(output, values.get(result) ?? result, { outputs: true });
  }
  graph.erase(call);
  return copies;
}

/** Puts the call's attributes where the body refers to them; those that the call leaves out are left out. */
function bindAttributes(body: Graph, attributes: ReadonlyMap<string, Attribute>): void {
  for (const node of nodesWithin(body)) {
    for (const [name, attribute] of [...node.attributes]) {
      if (attribute.kind === 'reference') node.graph!.setAttribute(node, name, attributes.get(attribute.value));
    }
  }
}

/** Takes an input that the call does not give out of the operands that it is. */
function leaveOut(body: Graph, input: Value): void {
  for (const { node, index } of [...input.uses]) (node.graph ?? body).setInput(node, index, undefined);
}

function innerNodes(node: Node): readonly Node[] {
  return subgraphsOf(node).flatMap((graph) => [...nodesWithin(graph)]);
}
