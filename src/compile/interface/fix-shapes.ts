import { fail } from '../../diagnostics/modelpress-error.ts';
import type { Graph } from '../../ir/graph.ts';
import { type Dim, formatShape } from '../../ir/shape.ts';
import type { Value } from '../../ir/value.ts';
import type { ValueType } from '../../ir/value-type.ts';

/**
 * Fixes open sizes: whole shapes of inputs by name, and sizes by their symbol. A symbol that one shape fixes is fixed
 * wherever inputs and outputs have it.
 *
 * @throws ModelpressError `interface-unknown-name` for an input or symbol that is not there, `interface-shape` where a
 * shape contradicts the model or another one.
 */
export function bindSizes(
  graph: Graph,
  shapes: Readonly<Record<string, readonly number[]>>,
  sizes: Readonly<Record<string, number>>,
): void {
  const bound = new Map<string, number>();
  const symbols = new Set(graph.inputs.flatMap(dimsOf).filter((dim) => typeof dim === 'string'));
  for (const [symbol, size] of Object.entries(sizes)) {
    if (!symbols.has(symbol)) unknown(graph, `open size '${symbol}'`, [...symbols]);
    bound.set(symbol, size);
  }
  for (const [name, dims] of Object.entries(shapes)) {
    const input = graph.inputs.find((value) => value.name === name);
    if (input === undefined) {
      unknown(
        graph,
        `input '${name}'`,
        graph.inputs.map((value) => value.name),
      );
    }
    fixInput(graph, input, dims, bound);
  }
  if (bound.size === 0) return;
  for (const input of graph.inputs) graph.setType(input, withSizes(input.type, bound));
  for (const [i, { declared }] of graph.outputs.entries())
    graph.describeOutput(i, { declared: withSizes(declared, bound) });
}

function fixInput(graph: Graph, input: Value, dims: readonly number[], bound: Map<string, number>): void {
  const type =
    input.type?.kind === 'tensor' ? input.type : contradiction(input, dims, 'it is not known to be a tensor');
  if (type.shape !== undefined && type.shape.length !== dims.length) contradiction(input, dims, 'its rank is another');
  for (const [axis, dim] of (type.shape ?? []).entries()) {
    const size = dims[axis]!;
    const known = typeof dim === 'string' ? bound.get(dim) : dim;
    if (known !== undefined && known !== size) contradiction(input, dims, `its size ${axis} is ${dim} = ${known}`);
    if (typeof dim === 'string') bound.set(dim, size);
  }
  graph.setType(input, { ...type, shape: dims });
}

function dimsOf({ type }: Value): readonly Dim[] {
  return type?.kind === 'tensor' ? (type.shape ?? []) : [];
}

function withSizes(type: ValueType | undefined, bound: ReadonlyMap<string, number>): ValueType | undefined {
  if (type?.kind !== 'tensor' || type.shape === undefined) return type;
  return { ...type, shape: type.shape.map((dim) => (typeof dim === 'string' ? (bound.get(dim) ?? dim) : dim)) };
}

function contradiction(input: Value, dims: readonly number[], reason: string): never {
  const shape = input.type?.kind === 'tensor' ? formatShape(input.type.shape) : '';
  return fail({
    code: 'interface-shape',
    at: input.name,
    message: `input '${input.name}' ${shape} cannot be fixed to [${dims.join(',')}]: ${reason}`,
    hint: 'Give as many sizes as the input has, and those that are not open as they are.',
  });
}

function unknown(graph: Graph, what: string, there: readonly string[]): never {
  return fail({
    code: 'interface-unknown-name',
    at: graph.name,
    message: `the model has no ${what}; it has ${there.length === 0 ? 'none' : there.join(', ')}`,
    hint: 'See the names with `optimize inspect`.',
  });
}
