import type { Attribute } from './attribute.ts';
import { equalData } from './equal-data.ts';
import type { Graph } from './graph.ts';
import type { FunctionDef, Model } from './model.ts';
import { describeNode, type Node } from './node.ts';
import { equalTensors, type SparseTensor, type Tensor } from './tensor.ts';
import type { Value } from './value.ts';
import { formatType } from './value-type.ts';

export interface EqualOptions {
  /** Compare the names of values and nodes too, not only those of the interface. Default true. */
  readonly names?: boolean;
  /** Compare what files carry beside the meaning: documentation, metadata, unknown fields, annotations. Default true. */
  readonly extras?: boolean;
  /** Compare the types that files claim for results (`declared`). Default true. */
  readonly claims?: boolean;
}

/**
 * The first difference between two models, as a sentence; `undefined` where there is none.
 *
 * Compared are the interface, the nodes in order with their operands and attributes, constants bit for bit, and the
 * functions; constants correspond by where they are used, not by their order.
 */
export function differenceOfModels(a: Model, b: Model, options: EqualOptions = {}): string | undefined {
  const compare = new Comparison(options);
  const fields = ['irVersion', 'producerName', 'producerVersion', 'domain', 'modelVersion', 'trainingInfo'] as const;
  for (const field of options.extras === false ? (['irVersion'] as const) : fields) {
    if (!equalData(a[field], b[field])) return `${field}: ${String(a[field])} against ${String(b[field])}`;
  }
  if (!equalData(a.opsetImports, b.opsetImports)) {
    return `operator sets: ${[...a.opsetImports].join(' ')} against ${[...b.opsetImports].join(' ')}`;
  }
  return (
    compare.extras('model', a, b) ??
    compare.graphs(a.graph, b.graph) ??
    compare.each('functions', a.functions, b.functions, (left, right) => compare.functions(left, right))
  );
}

/** The first difference between two graphs; see `differenceOfModels`. */
export function differenceOfGraphs(a: Graph, b: Graph, options: EqualOptions = {}): string | undefined {
  return new Comparison(options).graphs(a, b);
}

/** Holds which value of one side stands for which of the other. Every method answers the first difference. */
class Comparison {
  readonly #names: boolean;
  readonly #extras: boolean;
  readonly #claimed: boolean;
  readonly #counterpart = new Map<Value, Value>();
  readonly #matched = new Set<Value>();

  constructor({ names = true, extras = true, claims = true }: EqualOptions) {
    this.#claimed = claims;
    this.#names = names;
    this.#extras = extras;
  }

  functions(a: FunctionDef, b: FunctionDef): string | undefined {
    for (const field of ['domain', 'name', 'overload', 'attributeNames', 'opsetImports'] as const) {
      if (!equalData(a[field], b[field])) return `function '${a.name}': ${field} differs`;
    }
    const difference =
      this.extras('function', a, b) ??
      this.attributes(a.attributeDefaults, b.attributeDefaults) ??
      this.graphs(a.graph, b.graph, false);
    return difference && `function '${a.name}': ${difference}`;
  }

  graphs(a: Graph, b: Graph, named = this.#names): string | undefined {
    const difference =
      (named && a.name !== b.name ? `name '${a.name}' against '${b.name}'` : undefined) ??
      this.extras('graph', a, b) ??
      this.each('inputs', a.inputs, b.inputs, (left, right) => this.#input(left, right, a.owner === undefined)) ??
      this.#namedConstants(a, b) ??
      this.each('nodes', [...a.nodes()], [...b.nodes()], (left, right) => this.#node(left, right)) ??
      this.each('outputs', a.outputs, b.outputs, (left, right) => {
        if ((this.#names || a.owner === undefined) && left.name !== right.name)
          return `name '${left.name}' against '${right.name}'`;
        return this.#claims(left, right) ?? this.extras('output', left, right) ?? this.#value(left.value, right.value);
      }) ??
      (this.#extras ? this.#annotations(a, b) : undefined);
    return difference && `graph '${a.name}': ${difference}`;
  }

  each<T>(
    what: string,
    a: readonly T[],
    b: readonly T[],
    compare: (left: T, right: T) => string | undefined,
  ): string | undefined {
    for (const [index, left] of a.entries()) {
      const right = b[index];
      if (right === undefined) break;
      const difference = compare(left, right);
      if (difference !== undefined) return `${what}[${index}]: ${difference}`;
    }
    return a.length === b.length ? undefined : `${a.length} ${what} against ${b.length}`;
  }

  extras(what: string, a: { readonly extra?: unknown }, b: { readonly extra?: unknown }): string | undefined {
    return !this.#extras || equalData(a.extra, b.extra)
      ? undefined
      : `documentation, metadata or unknown fields of the ${what} differ`;
  }

  attributes(a: ReadonlyMap<string, Attribute>, b: ReadonlyMap<string, Attribute>): string | undefined {
    for (const [name, left] of a) {
      const right = b.get(name);
      if (right === undefined) return `attribute '${name}' is missing in the second`;
      const difference = this.#attribute(left, right);
      if (difference !== undefined) return `attribute '${name}': ${difference}`;
    }
    for (const name of b.keys()) if (!a.has(name)) return `attribute '${name}' is missing in the first`;
    return undefined;
  }

  #input(a: Value, b: Value, named: boolean): string | undefined {
    if ((this.#names || named) && a.name !== b.name) return `name '${a.name}' against '${b.name}'`;
    if (!equalData(a.type, b.type)) return `'${a.name}' is ${formatType(a.type)} against ${formatType(b.type)}`;
    return this.#optionalTensors(a.initial, b.initial) ?? this.#define(a, b);
  }

  /** Pairs constants of the same name; the others are paired where they are used. */
  #namedConstants(a: Graph, b: Graph): string | undefined {
    const [left, right] = [[...a.constants()], [...b.constants()]];
    if (!this.#names) return undefined;
    if (left.length !== right.length) return `${left.length} constants against ${right.length}`;
    const byName = new Map(right.map((value) => [value.name, value]));
    for (const value of left) {
      const other = byName.get(value.name);
      if (other === undefined) return `constant '${value.name}' is missing in the second`;
      const difference = this.#constant(value, other);
      if (difference !== undefined) return difference;
    }
    return undefined;
  }

  #node(a: Node, b: Node): string | undefined {
    const label = describeNode(a);
    if (a.op !== b.op || a.domain !== b.domain || a.overload !== b.overload)
      return `${label} against ${describeNode(b)}`;
    if (this.#names && a.name !== b.name) return `name '${a.name}' against '${b.name}'`;
    const difference =
      this.extras('node', a, b) ??
      this.each('operands', a.inputs.map(present), b.inputs.map(present), ([left], [right]) =>
        this.#optionalValues(left, right),
      ) ??
      this.attributes(a.attributes, b.attributes) ??
      this.each('results', a.outputs.map(present), b.outputs.map(present), ([left], [right]) => {
        if (left === undefined || right === undefined) return left === right ? undefined : 'only one is there';
        if (this.#names && left.name !== right.name) return `'${left.name}' against '${right.name}'`;
        return this.#define(left, right);
      });
    return difference && `${label}: ${difference}`;
  }

  #optionalValues(a: Value | undefined, b: Value | undefined): string | undefined {
    if (a === undefined || b === undefined)
      return a === b ? undefined : `'${a?.name ?? ''}' against '${b?.name ?? ''}'`;
    return this.#value(a, b);
  }

  #value(a: Value, b: Value): string | undefined {
    const known = this.#counterpart.get(a);
    if (known === b) return undefined;
    const free = known === undefined && !this.#matched.has(b);
    if (free && a.producer === undefined && b.producer === undefined && !a.isInput && !b.isInput)
      return this.#constant(a, b);
    return `'${a.name}' against '${b.name}'`;
  }

  #constant(a: Value, b: Value): string | undefined {
    const difference =
      this.#optionalTensors(a.constant, b.constant) ??
      this.#optionalTensors(a.initial, b.initial) ??
      this.#sparse(a.sparse, b.sparse);
    return difference === undefined ? this.#define(a, b) : `constant '${a.name}': ${difference}`;
  }

  #define(a: Value, b: Value): string | undefined {
    this.#counterpart.set(a, b);
    this.#matched.add(b);
    return this.#claims(a, b) ?? this.extras(`value '${a.name}'`, a, b);
  }

  #claims(a: Pick<Value, 'declared'>, b: Pick<Value, 'declared'>): string | undefined {
    if (!this.#claimed || equalData(a.declared, b.declared)) return undefined;
    return `declared ${formatType(a.declared)} against ${formatType(b.declared)}`;
  }

  #attribute(a: Attribute, b: Attribute): string | undefined {
    const extras = this.extras('attribute', a, b);
    if (extras !== undefined) return extras;
    if (a.kind === 'tensor' && b.kind === 'tensor') return this.#optionalTensors(a.value, b.value);
    if (a.kind === 'tensors' && b.kind === 'tensors')
      return this.each('tensors', a.value, b.value, (left, right) => this.#optionalTensors(left, right));
    if (a.kind === 'sparse-tensor' && b.kind === 'sparse-tensor') return this.#sparse(a.value, b.value);
    if (a.kind === 'sparse-tensors' && b.kind === 'sparse-tensors')
      return this.each('tensors', a.value, b.value, (left, right) => this.#sparse(left, right));
    if (a.kind === 'graph' && b.kind === 'graph') return this.graphs(a.value, b.value);
    if (a.kind === 'graphs' && b.kind === 'graphs')
      return this.each('graphs', a.value, b.value, (left, right) => this.graphs(left, right));
    if (a.kind !== b.kind) return `${a.kind} against ${b.kind}`;
    return equalData(a.value, b.value) ? undefined : `${String(a.value)} against ${String(b.value)}`;
  }

  #sparse(a: SparseTensor | undefined, b: SparseTensor | undefined): string | undefined {
    if (a === undefined || b === undefined) return a === b ? undefined : 'only one is sparse';
    if (!equalData(a.dims, b.dims)) return `dimensions [${a.dims}] against [${b.dims}]`;
    return (
      this.#optionalTensors(a.values, b.values) ??
      this.#optionalTensors(a.indices, b.indices) ??
      this.extras('tensor', a, b)
    );
  }

  #optionalTensors(a: Tensor | undefined, b: Tensor | undefined): string | undefined {
    if (a === undefined || b === undefined) return a === b ? undefined : 'only one has elements';
    if (a.dtype !== b.dtype || !equalData(a.dims, b.dims)) return `${a.dtype}[${a.dims}] against ${b.dtype}[${b.dims}]`;
    return equalTensors(a, b) ? this.extras('tensor', a, b) : 'the elements differ';
  }

  #annotations(a: Graph, b: Graph): string | undefined {
    return this.each('annotations', a.annotations, b.annotations, (left, right) => {
      if (!equalData([...left.parameters.keys()], [...right.parameters.keys()])) return 'their roles differ';
      const pairs = [
        [left.value, right.value] as const,
        ...[...left.parameters].map(([key, value]) => [value, right.parameters.get(key)!] as const),
      ];
      return pairs.map(([one, other]) => this.#value(one, other)).find((difference) => difference !== undefined);
    });
  }
}

/** Wraps holes, so that a list of operands keeps its length and an entry is never `undefined`. */
function present(value: Value | undefined): readonly [Value | undefined] {
  return [value];
}
