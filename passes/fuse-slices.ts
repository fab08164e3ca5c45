import { int } from '../src/ir/attribute.ts';
import type { Graph } from '../src/ir/graph.ts';
import { hasOneResult, isOp, type Node } from '../src/ir/node.ts';
import { scalarTensor } from '../src/ir/tensor.ts';
import type { Value } from '../src/ir/value.ts';
import { dtypeOf, shapeOf } from '../src/ir/value-type.ts';
import { definePass } from '../src/pass/define-pass.ts';
import { applyRules } from '../src/rewrite/apply-rules.ts';
import { integersOf } from '../src/rewrite/constant-numbers.ts';
import { opsetAt } from '../src/rewrite/opset-at.ts';
import { op, v } from '../src/rewrite/pattern.ts';
import { defineRule } from '../src/rewrite/rule.ts';
import { buildSlice, type SliceRange, sliceRanges } from '../src/rewrite/slice-ranges.ts';
import { splitSpec } from '../src/rewrite/split-spec.ts';

/** The opset from which Gather counts negative indices from the end. */
const NEGATIVE_INDEX_SINCE = 11;

/** INT32_MAX: ends of a Slice from here on mean "to the end". */
const TO_THE_END = 2 ** 31 - 1;

const sliceOfSlice = defineRule({
  name: 'slice-of-slice',
  match: op('Slice', op('Slice', v('x')).variadic().as('inner').shared())
    .variadic()
    .as('outer'),
  plan: ({ inner, outer }) => {
    const others = [...inner.outputs[0]!.uses].some(({ node, index }) => !isOp(node, 'Slice') || index !== 0);
    if (others || inner.outputs[0]!.outputCount > 0) return 'the part is needed as a whole';
    const first = sliceRanges(inner);
    const second = sliceRanges(outer);
    if (typeof first === 'string') return first;
    if (typeof second === 'string') return second;
    const twice = second.some(({ axis }) => first.some((range) => range.axis === axis));
    return twice ? 'both cut the same axis' : { ranges: [...first, ...second] };
  },
  rewrite: ({ x }, build, { ranges }) => buildSlice(build, x, ranges),
});

const oneElement = defineRule({
  name: 'slice-of-one',
  match: op('Squeeze', op('Slice', v('x')).variadic().as('slice'))
    .variadic()
    .as('squeeze'),
  plan: ({ x, slice, squeeze }, { opset }) => {
    // ONNX Runtime 1.30 loses strings that Gather takes from more than one row.
    if (dtypeOf(slice.outputs[0]?.type) === 'string') return 'runtimes gather strings wrongly';
    const ranges = sliceRanges(slice);
    if (typeof ranges === 'string') return ranges;
    const [range] = ranges;
    if (range === undefined || ranges.length > 1 || !takesOne(range)) return 'the Slice takes more than one element';
    if (range.start < 0 && opset < NEGATIVE_INDEX_SINCE) return 'Gather before opset 11 counts from the front only';
    const axes = integersOf(squeeze, 'axes', 1);
    const rank = shapeOf(x.type)!.length;
    const same = typeof axes !== 'string' && axes.length === 1 && axes[0]! + (axes[0]! < 0 ? rank : 0) === range.axis;
    return same ? range : 'the Squeeze drops other axes';
  },
  rewrite: ({ x }, build, { axis, start }) =>
    build.op('Gather', [x, build.constant(scalarTensor('int64', start))], { axis: int(axis) }),
});

/**
 * Takes cuts together: a Slice of a Slice along other axes becomes one, a Slice of one element whose axis is dropped
 * becomes a Gather, and the Slices that cut a value into consecutive parts become one Split.
 */
export const fuseSlices = definePass({
  name: 'fuse-slices',
  summary: 'Merge Slices of one value into one Slice, Gather or Split',
  effect: 'exact',
  options: {},
  run(graph, context) {
    applyRules(graph, [sliceOfSlice, oneElement], context);
    const opset = opsetAt(context.model, graph);
    // Split takes a list of sizes as an attribute or an operand from opset 2 on.
    if (opset < 2) return;
    for (const parts of partitions(graph)) {
      split(graph, parts, opset);
      context.count('values split');
    }
  },
});

/** One of the Slices that share an operand and an axis. */
interface Part {
  readonly slice: Node;
  readonly axis: number;
  readonly start: number;
  readonly end: number;
}

/** The Slices that together cut a value into consecutive parts, by their start. */
function partitions(graph: Graph): readonly (readonly Part[])[] {
  const groups = new Map<Value, Map<number, Part[]>>();
  for (const slice of graph.nodes()) {
    if (!isOp(slice, 'Slice') || !hasOneResult(slice)) continue;
    const x = slice.inputs[0];
    const part = partOf(slice);
    if (x === undefined || part === undefined || x.constant !== undefined) continue;
    const byAxis = groups.get(x) ?? new Map<number, Part[]>();
    groups.set(x, byAxis.set(part.axis, [...(byAxis.get(part.axis) ?? []), part]));
  }
  const found: (readonly Part[])[] = [];
  for (const [x, byAxis] of groups) {
    for (const [axis, parts] of byAxis) {
      const sorted = [...parts].sort((a, b) => a.start - b.start);
      const joined = sorted.every(({ start }, index) => start === (sorted[index - 1]?.end ?? 0));
      if (parts.length > 1 && joined && sorted.at(-1)!.end === shapeOf(x.type)?.[axis]) found.push(sorted);
    }
  }
  return found;
}

/** A Slice that cuts one axis of proven, static size as the part that it takes; nothing for any other. */
function partOf(slice: Node): Part | undefined {
  const ranges = sliceRanges(slice);
  if (typeof ranges === 'string') return undefined;
  const [range, ...others] = ranges.filter(({ start, end, step }) => start !== 0 || end < TO_THE_END || step !== 1);
  if (range === undefined || others.length > 0 || range.step !== 1) return undefined;
  const { axis, start, end } = range;
  const size = shapeOf(slice.inputs[0]?.type)?.[axis];
  if (typeof size !== 'number') return undefined;
  const within = (place: number): number => Math.min(Math.max(place < 0 ? place + size : place, 0), size);
  return within(start) < within(end) ? { slice, axis, start: within(start), end: within(end) } : undefined;
}

/** Replaces the Slices by one Split, which stands where the first of them stood. */
function split(graph: Graph, parts: readonly Part[], opset: number): void {
  const { slice, axis } = parts[0]!;
  const members = new Set(parts.map((part) => part.slice));
  let first = slice;
  for (const node of graph.nodes()) {
    if (!members.has(node)) continue;
    first = node;
    break;
  }
  const sizes = parts.map(({ start, end }) => end - start);
  const x = slice.inputs[0];
  const made = graph.insertBefore(first, {
    ...splitSpec(x, axis, sizes, { opset, constant: (tensor) => graph.addConstant(tensor) }),
    outputs: parts.map((part) => ({ name: part.slice.outputs[0]!.name, type: part.slice.outputs[0]!.type })),
    origin: { nodes: parts.map((part) => part.slice.name), rules: ['fuse-slices'] },
  });
  for (const [index, part] of parts.entries()) {
    graph.replaceAllUses(part.slice.outputs[0]!, made.outputs[index]!, { outputs: true });
    graph.erase(part.slice);
  }
}

/** Whether a range holds one element whatever the size of the axis, or else none. */
function takesOne({ start, end, step }: SliceRange): boolean {
  return step === 1 && (end === start + 1 ? start !== -1 : start === -1 && end >= TO_THE_END);
}
