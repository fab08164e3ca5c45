import type { Node } from '../ir/node.ts';
import type { Value } from '../ir/value.ts';

/** Nodes of one graph that constants alone decide, and which hand results only to one another or out of the region. */
export interface ConstantRegion {
  /** In order. */
  readonly nodes: readonly Node[];
  /** What is read outside, in order. */
  readonly results: readonly Value[];
  /** The constants that nothing else needs. */
  readonly freed: readonly Value[];
}

/**
 * The connected regions of nodes whose operands are constants or results of the region.
 *
 * @param nodes all nodes of a graph in order.
 * @param isComputable whether a node could be computed if its operands were constants.
 */
export function constantRegions(
  nodes: Iterable<Node>,
  isComputable: (node: Node) => boolean,
): readonly ConstantRegion[] {
  const regionOf = new Map<Node, Set<Node>>();
  for (const node of nodes) {
    if (!isComputable(node)) continue;
    const around = node.inputs
      .filter((value) => value !== undefined && value.constant === undefined)
      .map((value) => value!.producer && regionOf.get(value!.producer));
    if (around.includes(undefined)) continue;
    const [region = new Set<Node>(), ...smaller] = [...new Set(around as Set<Node>[])].sort((a, b) => b.size - a.size);
    for (const each of smaller) {
      for (const member of each) {
        region.add(member);
        regionOf.set(member, region);
      }
    }
    region.add(node);
    regionOf.set(node, region);
  }
  // Regions that were joined are no longer in order; the map is.
  const inOrder = new Map<Set<Node>, Set<Node>>();
  for (const [node, region] of regionOf) {
    const sorted = inOrder.get(region);
    if (sorted === undefined) inOrder.set(region, new Set([node]));
    else sorted.add(node);
  }
  return [...inOrder.values()].map(describe);
}

function describe(region: ReadonlySet<Node>): ConstantRegion {
  const nodes = [...region];
  const outside = (value: Value): boolean =>
    value.heldCount > 0 || value.outputCount > 0 || [...value.uses].some(({ node }) => !region.has(node));
  const results = nodes.flatMap(({ outputs }) => outputs.filter((value) => value !== undefined && outside(value)));
  const constants = new Set(nodes.flatMap(({ inputs }) => inputs.filter((value) => value?.constant !== undefined)));
  return {
    nodes,
    results: results as Value[],
    freed: ([...constants] as Value[]).filter((value) => !outside(value)),
  };
}
