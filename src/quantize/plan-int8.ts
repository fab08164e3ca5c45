import { type Graph, subgraphsOf } from '../ir/graph.ts';
import { isOp, type Node } from '../ir/node.ts';
import { isStatic } from '../ir/shape.ts';
import type { Value } from '../ir/value.ts';
import { dtypeOf, shapeOf } from '../ir/value-type.ts';
import { nodesWithin } from '../ir/walk.ts';
import { isRecurrent, type QuantizationRole, quantizationRole } from '../ops/quantization-role.ts';
import { weightLayoutOf } from '../ops/weight-layout.ts';
import type { ValueRange } from '../pass/define-pass.ts';
import { matchesNode } from '../pass/node-pattern.ts';
import { allFinite } from '../rewrite/constant-numbers.ts';
import type { FloatReason } from './float-reason.ts';
import { type LayerOperands, layerOperands } from './layer-operands.ts';
import { foldableActivation } from './redundant-activation.ts';
import { usefulInterval } from './useful-interval.ts';

/** What the plan may be told. */
export interface PlanOptions {
  /** Patterns of nodes that stay float (see `matchesNode`). */
  readonly exclude?: readonly string[];
  /** Whether products of two activations run in 8 bits too. Default true. */
  readonly activationProducts?: boolean;
  /** Whether a Relu or Clip is left to the quantization of its result. Default true; not so with symmetric activations. */
  readonly foldActivations?: boolean;
  /** Relus and Clips that no quantization of their results makes redundant. */
  readonly keepActivations?: ReadonlySet<Node>;
  /** Values that calibration found nothing about; the nodes around them stay float. */
  readonly unobserved?: ReadonlySet<Value>;
}

/** A node that is to run in 8 bits. */
export interface Int8Node {
  readonly node: Node;
  readonly role: QuantizationRole;
  /** The operands that are quantized as activations, or as constants of an activation's type. */
  readonly operands: readonly number[];
  /** Weights and bias of a `compute` node. */
  readonly layer: LayerOperands | undefined;
  /** A Relu or Clip after it that the quantization of the result stands for. */
  readonly folded: Node | undefined;
}

/** Where a quantized value's scale and zero point come from. */
export type ParamsSource =
  | { readonly kind: 'observed' }
  | { readonly kind: 'fixed'; readonly range: ValueRange }
  | { readonly kind: 'same-as'; readonly value: Value };

/** A value that is stored in 8 bits. */
export interface QuantizedValue {
  readonly value: Value;
  readonly source: ParamsSource;
  /** Whether an 8-bit node makes it; then everything else that reads it reads it dequantized, as nothing else is left. */
  readonly replaces: boolean;
}

/** A value that calibration has to watch. */
export interface ObservedValue {
  readonly value: Value;
  /** What its readers can tell apart; nothing outside needs to be represented. */
  readonly interval: ValueRange;
  /** Whether it becomes an output of the graph without passing another layer: its ends are answers, not outliers. */
  readonly reachesOutput: boolean;
  /** Axis of the channels whose means are needed, if a layer with weights reads it. */
  readonly channelAxis: number | undefined;
}

/** Which nodes of a graph run in 8 bits, which values are quantized for them, and why the rest stays float, nested layers included. */
export interface Int8Plan {
  readonly nodes: ReadonlyMap<Node, Int8Node>;
  readonly values: ReadonlyMap<Value, QuantizedValue>;
  readonly floatNodes: ReadonlyMap<Node, FloatReason>;
}

/**
 * Decides, for the nodes of one graph without those nested in it, what runs in 8 bits in ONNX Runtime: every linear
 * layer that can, and around them the operators that have 8-bit kernels, wherever a value would otherwise leave 8 bits
 * only to come back to them. Pure: the graph decides, not the data.
 */
export function planInt8(graph: Graph, options: PlanOptions = {}): Int8Plan {
  return new Planner(graph, options).plan();
}

/** The values that calibration has to find the ranges of, and those whose channel means help to quantize a layer. */
export function observedValues(plan: Int8Plan): ObservedValue[] {
  const axes = channelAxes(plan);
  return [...plan.values.values()]
    .filter(({ value, source }) => source.kind === 'observed' || axes.has(value))
    .map(({ value }) => ({ value, ...readingOf(value), channelAxis: axes.get(value) }));
}

/** The other values of a plan, which need ranges of their own only where the node that makes them stays float after all. */
export function spareValues(plan: Int8Plan): ObservedValue[] {
  const needed = new Set(observedValues(plan).map(({ value }) => value));
  return [...plan.values.keys()]
    .filter((value) => !needed.has(value))
    .map((value) => ({ value, ...readingOf(value), channelAxis: undefined }));
}

/** The values that layers with weights read, and the axes of their channels. */
function channelAxes(plan: Int8Plan): Map<Value, number> {
  const axes = new Map<Value, number>();
  for (const { node, layer } of plan.nodes.values()) {
    if (layer?.weight !== undefined) axes.set(node.inputs[0]!, isOp(node, 'Conv') ? 1 : -1);
  }
  return axes;
}

function readingOf(value: Value): Pick<ObservedValue, 'interval' | 'reachesOutput'> {
  return { interval: usefulInterval(value), reachesOutput: reachesOutput(value) };
}

/** Whether a value, or what operators without weights make of it, is an output of its graph. */
function reachesOutput(start: Value): boolean {
  const seen = new Set<Value>([start]);
  for (const value of seen) {
    if (value.outputCount > 0) return true;
    for (const { node } of value.uses) {
      if (weightLayoutOf(node) !== undefined || isRecurrent(node)) continue;
      for (const output of node.outputs) if (output !== undefined) seen.add(output);
    }
  }
  return false;
}

class Planner {
  readonly #graph: Graph;
  readonly #options: PlanOptions;
  readonly #int8 = new Map<Node, Int8Node>();
  readonly #float = new Map<Node, FloatReason>();
  /** Values that an 8-bit node gives in 8 bits, by that node. */
  readonly #given = new Map<Value, Int8Node>();
  /** Relus and Clips that are part of the 8-bit node before them. */
  readonly #folded = new Map<Node, Int8Node>();

  constructor(graph: Graph, options: PlanOptions) {
    this.#graph = graph;
    this.#options = options;
  }

  plan(): Int8Plan {
    for (const node of this.#graph.nodes()) {
      this.#consider(node);
      for (const nested of subgraphsOf(node)) this.#refuseLayers(nested);
    }
    this.#settle();
    return { nodes: this.#int8, values: this.#quantizedValues(), floatNodes: this.#float };
  }

  /** Notes that the layers of a nested graph stay float; what has no weights there is not worth a word. */
  #refuseLayers(nested: Graph): void {
    for (const node of nodesWithin(nested)) {
      if (weightLayoutOf(node) !== undefined || isRecurrent(node)) this.#refuse(node, 'nested');
    }
  }

  /** Takes a node for an 8-bit one, or notes why it is not. */
  #consider(node: Node): void {
    const reason = this.#reasonToLeave(node);
    if (reason !== undefined) this.#refuse(node, reason);
  }

  /** Takes a node in, or answers why it stays float. */
  #reasonToLeave(node: Node): FloatReason | undefined {
    const role = quantizationRole(node);
    if (matchesNode(node, this.#options.exclude ?? [])) return 'excluded';
    if (this.#isUnobserved(node)) return 'never-run';
    switch (role.kind) {
      case 'float':
        return isRecurrent(node) ? 'recurrent' : 'no-int8-kernel';
      case 'foldable':
        return this.#folded.has(node) ? undefined : 'not-foldable';
      case 'compute': {
        const layer = layerOperands(node);
        if (typeof layer === 'string') return layer;
        if (layer.weight === undefined && this.#options.activationProducts === false) return 'excluded';
        this.#take(node, role, layer.activations, layer);
        return undefined;
      }
      case 'free-scale': {
        if (isBiasAddition(node)) return 'bias-addition';
        const operands = role.operands === 'all' ? node.inputs.map((_, index) => index) : role.operands;
        if (operands.some((index) => !mayBeFloat32(node.inputs[index]))) return 'operand-not-float32';
        const constants = operands.flatMap((index) => node.inputs[index]?.constant ?? []);
        if (!constants.every(allFinite)) return 'operand-not-finite';
        this.#take(node, role, operands, undefined);
        return undefined;
      }
      case 'same-scale':
        if (!mayBeFloat32(node.inputs[0]) || node.inputs[0]?.constant !== undefined) return 'no-int8-operand';
        this.#take(node, role, role.operands, undefined);
        return undefined;
    }
  }

  #take(node: Node, role: QuantizationRole, operands: readonly number[], layer: LayerOperands | undefined): void {
    const output = node.outputs[0];
    // A node that moves numbers cannot cut them as well.
    const folds =
      output !== undefined &&
      node.outputs.length === 1 &&
      role.kind !== 'same-scale' &&
      this.#options.foldActivations !== false;
    const activation = folds ? foldableActivation(output) : undefined;
    const excluded = activation !== undefined && this.#staysApart(activation);
    const folded = excluded ? undefined : activation;
    const entry: Int8Node = { node, role, operands, layer, folded };
    this.#int8.set(node, entry);
    if (folded !== undefined) this.#folded.set(folded, entry);
    for (const value of resultsOf(entry)) this.#given.set(value, entry);
  }

  #staysApart(activation: Node): boolean {
    const { exclude = [], keepActivations } = this.#options;
    return (
      (keepActivations?.has(activation) ?? false) || matchesNode(activation, exclude) || this.#isUnobserved(activation)
    );
  }

  #isUnobserved(node: Node): boolean {
    const { unobserved } = this.#options;
    if (unobserved === undefined) return false;
    return [...node.inputs, ...node.outputs].some((value) => value !== undefined && unobserved.has(value));
  }

  #refuse(node: Node, reason: FloatReason): void {
    this.#float.set(node, reason);
  }

  /** Drops nodes that gain nothing, until every one left stands between 8-bit nodes. Each round drops one or ends. */
  #settle(): void {
    for (let changed = true; changed; ) {
      changed = false;
      for (const entry of [...this.#int8.values()].reverse()) changed = this.#dropResult(entry) || changed;
      for (const entry of [...this.#int8.values()]) {
        if (entry.role.kind === 'compute') continue;
        const reason = this.#reasonToDrop(entry);
        if (reason === undefined) continue;
        this.#drop(entry, reason);
        changed = true;
      }
    }
  }

  /** Lets a matrix product keep its result in float where not all that reads it works in 8 bits. */
  #dropResult(entry: Int8Node): boolean {
    if (entry.role.kind !== 'compute' || !entry.role.floatOutput) return false;
    const [value] = resultsOf(entry);
    if (value === undefined || !this.#given.has(value)) return false;
    if (value.outputCount === 0 && value.uses.size > 0 && [...value.uses].every((use) => this.#readsInt8(use)))
      return false;
    // A Relu after it that stayed would keep the runtime from the 8-bit kernel, unless it is a result of the graph.
    if (entry.folded !== undefined && value.outputCount === 0) return false;
    this.#given.delete(value);
    if (entry.folded !== undefined) {
      this.#folded.delete(entry.folded);
      this.#refuse(entry.folded, 'no-int8-consumer');
      this.#int8.set(entry.node, { ...entry, folded: undefined });
    } else if (isFusedWithAddition(entry.node)) this.#drop(entry, 'fused-in-float');
    return true;
  }

  #reasonToDrop(entry: Int8Node): FloatReason | undefined {
    const available = entry.operands.some((index) => {
      const value = entry.node.inputs[index];
      return value !== undefined && this.#given.has(value);
    });
    if (!available) return 'no-int8-operand';
    const wanted = resultsOf(entry).some((value) => [...value.uses].some((use) => this.#readsInt8(use)));
    return wanted ? undefined : 'no-int8-consumer';
  }

  #drop(entry: Int8Node, reason: FloatReason): void {
    this.#int8.delete(entry.node);
    this.#refuse(entry.node, reason);
    for (const value of resultsOf(entry)) this.#given.delete(value);
    if (entry.folded !== undefined) {
      this.#folded.delete(entry.folded);
      this.#refuse(entry.folded, reason);
    }
  }

  #readsInt8(use: { readonly node: Node; readonly index: number }): boolean {
    return this.#int8.get(use.node)?.operands.includes(use.index) ?? false;
  }

  #quantizedValues(): Map<Value, QuantizedValue> {
    const values = new Map<Value, QuantizedValue>();
    for (const { node, operands } of this.#int8.values()) {
      for (const index of operands) {
        const value = node.inputs[index];
        if (value === undefined || value.constant !== undefined || this.#given.has(value)) continue;
        values.set(value, { value, source: { kind: 'observed' }, replaces: false });
      }
    }
    for (const [value, entry] of this.#given) values.set(value, { value, source: sourceOf(entry), replaces: true });
    return values;
  }
}

/** The values that hold what a node computes in 8 bits: its results, or that of the activation folded into it. */
export function resultsOf(entry: Pick<Int8Node, 'node' | 'folded'>): Value[] {
  return (entry.folded ?? entry.node).outputs.filter((value) => value !== undefined);
}

function sourceOf({ node, role, folded }: Int8Node): ParamsSource {
  if (role.kind === 'same-scale') return { kind: 'same-as', value: node.inputs[0]! };
  if (role.kind === 'free-scale' && role.range !== undefined && folded === undefined)
    return { kind: 'fixed', range: role.range };
  return { kind: 'observed' };
}

function mayBeFloat32(value: Value | undefined): boolean {
  const dtype = value?.constant?.dtype ?? dtypeOf(value?.type);
  return value !== undefined && value.sparse === undefined && (dtype === undefined || dtype === 'float32');
}

/**
 * Whether the runtime makes a Gemm of a product and the addition that alone reads its float result, which it does before
 * it looks for integer kernels, and dequantizes 8-bit weights for it in every run.
 */
function isFusedWithAddition(node: Node): boolean {
  const [rows, weight] = [shapeOf(node.inputs[0]?.type), node.inputs[1]?.constant];
  const [result] = node.outputs;
  if (!isOp(node, 'MatMul') || weight?.dims.length !== 2 || result?.uses.size !== 1) return false;
  const [use] = result.uses;
  if (!isOp(use!.node, 'Add') || rows === undefined || !(rows.length === 2 || isStatic(rows))) return false;
  const bias = use!.node.inputs[1 - use!.index];
  const rank = bias?.constant?.dims.length ?? shapeOf(bias?.type)?.length;
  return rank === 1 || rank === 2;
}

/** Adding a constant to a matrix product, which the runtime does inside the product when its result is float. */
function isBiasAddition(node: Node): boolean {
  if (!isOp(node, 'Add')) return false;
  const [a, b] = node.inputs;
  const product = a?.constant === undefined ? a : b;
  const constant = product === a ? b : a;
  return constant?.constant !== undefined && isOp(product?.producer, 'MatMul') && product?.uses.size === 1;
}
