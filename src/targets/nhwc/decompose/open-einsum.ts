import { ints, textOf } from '../../../ir/attribute.ts';
import type { Graph } from '../../../ir/graph.ts';
import { isOp, type Node } from '../../../ir/node.ts';
import type { Value } from '../../../ir/value.ts';
import { staticShape } from '../layout/static-shape.ts';
import { NodeWriter } from './node-writer.ts';

/** A tensor, and one letter for each of its axes. */
interface Term {
  readonly value: Value;
  readonly labels: readonly string[];
}

/** Sizes by letter. */
type Sizes = ReadonlyMap<string, number>;

/**
 * Writes Einsum as transposes, products of matrices and sums: operand after operand, each time over the letters that
 * nothing later has. Equations that name an axis of one operand twice, which take a diagonal, stay as they are, and so do
 * those that repeat an axis of one element.
 */
export function openEinsum(graph: Graph): void {
  for (const node of graph.nodes()) {
    const parsed = isOp(node, 'Einsum') ? parsedEquation(node) : undefined;
    if (parsed === undefined) continue;
    const { terms, output, sizes } = parsed;
    const write = new NodeWriter(node);
    const [first, ...rest] = terms;
    let product = first!;
    for (const [k, term] of rest.entries()) {
      const later = new Set([...output, ...rest.slice(k + 1).flatMap(({ labels }) => labels)]);
      product = multiplied(write, summed(write, product, [term], later), summed(write, term, [product], later), {
        later,
        sizes,
      });
    }
    const last = summed(write, product, [], new Set(output));
    write.replace([inOrder(write, last, output).value]);
  }
}

interface Equation {
  readonly terms: readonly Term[];
  readonly output: readonly string[];
  readonly sizes: Sizes;
}

function parsedEquation(node: Node): Equation | undefined {
  const [left = '', right] = (textOf(node, 'equation') ?? '').replaceAll(' ', '').split('->');
  const texts = left.split(',');
  const shapes = node.inputs.map(staticShape);
  if (texts.length !== node.inputs.length) return undefined;
  // Axes that an ellipsis stands for are counted from the last one, under names that no letter has.
  const expand = (text: string, hidden: number): string[] =>
    text
      .split(/(\.\.\.)/)
      .flatMap((part) =>
        part === '...' ? Array.from({ length: hidden }, (_, k) => String(hidden - k)) : part.split(''),
      );
  const sizes = new Map<string, number>();
  const terms: Term[] = [];
  let widest = 0;
  for (const [k, text] of texts.entries()) {
    const shape = shapes[k];
    if (shape === undefined) return undefined;
    const hidden = text.includes('...') ? shape.length - (text.length - 3) : 0;
    widest = Math.max(widest, hidden);
    const labels = expand(text, hidden);
    if (labels.length !== shape.length || new Set(labels).size !== labels.length) return undefined;
    for (const [axis, label] of labels.entries()) {
      if ((sizes.get(label) ?? shape[axis]) !== shape[axis]) return undefined;
      sizes.set(label, shape[axis]!);
    }
    terms.push({ value: node.inputs[k]!, labels });
  }
  return { terms, sizes, output: right === undefined ? implied(texts, widest) : expand(right, widest) };
}

/** Without an arrow the result has the axes of the ellipsis and the letters that stand once, in order. */
function implied(texts: readonly string[], hidden: number): string[] {
  const letters = [...texts.join('').replaceAll('.', '')];
  const once = letters.filter((letter) => letters.indexOf(letter) === letters.lastIndexOf(letter));
  return [...Array.from({ length: hidden }, (_, k) => String(hidden - k)), ...once.sort()];
}

/** A term without the axes that neither the other terms nor anything later has. */
function summed(write: NodeWriter, term: Term, others: readonly Term[], later: ReadonlySet<string>): Term {
  const kept = new Set([...later, ...others.flatMap(({ labels }) => labels)]);
  const axes = term.labels.flatMap((label, axis) => (kept.has(label) ? [] : [axis]));
  if (axes.length === 0) return term;
  const keepdims = { keepdims: { kind: 'int', value: 0n } } as const;
  return {
    value: write.op('ReduceSum', [term.value, write.ints(axes)], keepdims),
    labels: term.labels.filter((label) => kept.has(label)),
  };
}

/** The product of two terms, summed over the letters that both have and nothing later does. */
function multiplied(
  write: NodeWriter,
  a: Term,
  b: Term,
  { later, sizes }: { readonly later: ReadonlySet<string>; readonly sizes: Sizes },
): Term {
  const both = a.labels.filter((label) => b.labels.includes(label));
  const [batch, inner] = [both.filter((label) => later.has(label)), both.filter((label) => !later.has(label))];
  const [rows, columns] = [a, b].map(({ labels }) => labels.filter((label) => !both.includes(label)));
  const labels = [...batch, ...rows!, ...columns!];
  if (inner.length === 0) {
    return { value: write.op('Mul', [spread(write, a, labels), spread(write, b, labels)]), labels };
  }
  const count = (list: readonly string[]): number => list.reduce((size, label) => size * sizes.get(label)!, 1);
  const left = inOrder(write, a, [...batch, ...rows!, ...inner]).value;
  const right = inOrder(write, b, [...batch, ...inner, ...columns!]).value;
  const outer = batch.map((label) => sizes.get(label)!);
  const product = write.op('MatMul', [
    write.reshape(left, [...outer, count(rows!), count(inner)]),
    write.reshape(right, [...outer, count(inner), count(columns!)]),
  ]);
  const shape = labels.map((label) => sizes.get(label)!);
  return { value: write.reshape(product, shape), labels };
}

/** A term with axes of one element for the letters that it does not have. */
function spread(write: NodeWriter, term: Term, labels: readonly string[]): Value {
  const { value } = inOrder(
    write,
    term,
    labels.filter((label) => term.labels.includes(label)),
  );
  const missing = labels.flatMap((label, axis) => (term.labels.includes(label) ? [] : [axis]));
  return missing.length === 0 ? value : write.op('Unsqueeze', [value, write.ints(missing)]);
}

function inOrder(write: NodeWriter, { value, labels }: Term, order: readonly string[]): Term {
  const perm = order.map((label) => labels.indexOf(label));
  const moved = perm.every((axis, k) => axis === k);
  return { value: moved ? value : write.op('Transpose', [value], { perm: ints(perm) }), labels: order };
}
