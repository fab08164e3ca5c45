import type { Graph } from '../../ir/graph.ts';
import type { Dim } from '../../ir/shape.ts';
import type { Value } from '../../ir/value.ts';
import { tensorType, type ValueType } from '../../ir/value-type.ts';
import { isSymbol } from '../dims/parse-dim.ts';

/**
 * The types that inference starts from: those of the graph inputs, where each dimension that the file leaves open gets
 * a symbol of its own (`NAME.AXIS`), so that what follows from it can be told.
 *
 * A name that reads as an expression (`2*N`) binds nothing to mean it, and one that says "any size" (`None`, `?`) may
 * stand at places of different sizes; such dimensions count as open.
 */
export function inputTypes(graph: Graph): ReadonlyMap<Value, ValueType> {
  const taken = new Set(graph.inputs.flatMap(({ type }) => (type?.kind === 'tensor' ? (type.shape ?? []) : [])));
  const types = new Map<Value, ValueType>();
  for (const input of graph.inputs) {
    const { type } = input;
    if (type === undefined) continue;
    types.set(
      input,
      type.kind === 'tensor'
        ? tensorType(
            type.dtype,
            type.shape?.map((dim, axis) => given(dim) ?? fresh(input, axis, taken)),
          )
        : type,
    );
  }
  return types;
}

/** What exporters write for "any size", at several places that need not be equal. */
const PLACEHOLDER = /^(none|null|nil|undefined|unknown|unk|any|dynamic|[?*_-]|-1)$/i;

/** A dimension as the file gives it, if it is a size or a symbol. */
function given(dim: Dim): Dim {
  if (typeof dim === 'number') return dim >= 0 ? dim : undefined;
  return dim !== undefined && isSymbol(dim) && !PLACEHOLDER.test(dim) ? dim : undefined;
}

function fresh(input: Value, axis: number, taken: Set<Dim>): string {
  let name = `${input.name}.${axis}`;
  while (taken.has(name) || !isSymbol(name)) name = `_${name}`;
  taken.add(name);
  return name;
}
