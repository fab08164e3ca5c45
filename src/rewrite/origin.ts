import { describeNode, type Node, type Origin } from '../ir/node.ts';

/** The origin of what a rule makes out of `nodes`: their source nodes, and the rules that they went through, then this one. */
export function originOf(nodes: Iterable<Node>, rule: string): Origin {
  const sources = new Set<string>();
  const rules = new Set<string>();
  for (const node of nodes) {
    const { origin } = node;
    for (const source of origin.nodes.length > 0 ? origin.nodes : [describeNode(node)]) sources.add(source);
    for (const earlier of origin.rules) rules.add(earlier);
  }
  rules.delete(rule);
  return { nodes: [...sources], rules: [...rules, rule] };
}
