import type { Attribute } from '../ir/attribute.ts';
import { copiedAttributes } from '../ir/copy-attribute.ts';
import type { Node, NodeSpec, Origin } from '../ir/node.ts';
import type { Tensor } from '../ir/tensor.ts';
import type { Value } from '../ir/value.ts';
import type { ValueType } from '../ir/value-type.ts';
import type { Site } from './rule.ts';

/** Attributes by name; an `undefined` one is left out. */
export type AttributeSet = Readonly<Record<string, Attribute | undefined>>;

/** What a rule builds with: new nodes stand right before the root, in the order in which they are built. */
export interface Build extends Site {
  /** A node of ai.onnx with one result, which is returned. `type` is what is proven of it. */
  op(
    name: string,
    inputs: readonly (Value | undefined)[],
    attributes?: AttributeSet,
    type?: ValueType | undefined,
  ): Value;
  /** A node as it is described; for several results or another domain. */
  node(spec: NodeSpec): Node;
  /** A node like `node`, with its name, other operands and some attributes set or (where `undefined`) left out. */
  copy(
    node: Node,
    changes: { readonly inputs?: readonly (Value | undefined)[]; readonly attributes?: AttributeSet },
  ): Node;
  /** A new constant; `like` is a value whose name it may take. */
  constant(tensor: Tensor, like?: Value): Value;
}

/** A builder for one match; `built` collects the nodes. */
export function createBuild(site: Site, origin: Origin, built: Node[]): Build {
  const { graph, root } = site;
  const node = (spec: NodeSpec): Node => {
    const made = graph.insertBefore(root, { ...spec, origin });
    built.push(made);
    return made;
  };
  return {
    ...site,
    node,
    op: (name, inputs, attributes = {}, type) =>
      node({ op: name, inputs, attributes: present(attributes), outputs: [{ type }] }).outputs[0]!,
    copy: (source, { inputs = source.inputs, attributes = {} }) =>
      node({
        domain: source.domain,
        op: source.op,
        overload: source.overload,
        name: source.name,
        extra: source.extra,
        inputs,
        attributes: present({ ...copiedAttributes(source), ...attributes }),
        outputs: source.outputs.map((output) => (output === undefined ? undefined : {})),
      }),
    constant: (tensor, like) => graph.addConstant(tensor, like?.name ?? ''),
  };
}

function present(attributes: AttributeSet): Record<string, Attribute> {
  const out: Record<string, Attribute> = {};
  for (const [name, attribute] of Object.entries(attributes)) if (attribute !== undefined) out[name] = attribute;
  return out;
}
