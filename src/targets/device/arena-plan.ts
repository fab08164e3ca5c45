import { bitsOf } from '../../ir/dtype.ts';
import { elementCount } from '../../ir/tensor.ts';
import type { OperatorName } from './tflite/builtin-operators.ts';
import { graphsOf, type TfGraph, type TfOperator, type TfTensor, tensorsOf } from './tflite/tf-graph.ts';

/** Memory that TensorFlow Lite Micro's interpreter needs beside the model itself, in bytes. */
export interface ArenaPlan {
  /** What activations take, laid out as its memory planner does. */
  readonly activations: number;
  /** A size of the arena that suffices: activations, and what the interpreter and its reference kernels keep. */
  readonly bytes: number;
}

/** Every buffer begins at a multiple of this. */
const ALIGNMENT = 16;

/**
 * What the interpreter keeps for itself, from its 64-bit build, which needs more than those for microcontrollers: once,
 * for each tensor and for each operator (its node and what its kernel prepares).
 */
const KEPT_ONCE = 2048;
const KEPT_PER_TENSOR = 32;
const KEPT_PER_OPERATOR = 320;
/** A multiplier and a shift for each output channel; convolutions have them also where they compute with floats. */
const KEPT_PER_CHANNEL = 8;
const CONVOLUTIONS: ReadonlySet<OperatorName> = new Set(['CONV_2D', 'DEPTHWISE_CONV_2D', 'TRANSPOSE_CONV']);

/** Temporary buffers that planning itself takes, for each activation; they share the space of activations. */
const PLANNED_PER_TENSOR = 64;

/**
 * The arena that a graph needs in TensorFlow Lite Micro. Activations are laid out as its `GreedyMemoryPlanner` does: the
 * largest first, each at the lowest place that is free while it lives. The rest is bounded from above; kernels that an
 * accelerator library replaces may want scratch memory of their own.
 */
export function planArena(graph: TfGraph): ArenaPlan {
  let activations = 0;
  let planning = 0;
  let kept = KEPT_ONCE;
  for (const each of graphsOf(graph)) {
    const lives = lifetimes(each);
    // What control flow runs lives beside the operator that runs it: together they need no more than their sum.
    activations += layOut([...lives.values()]);
    planning += lives.size * PLANNED_PER_TENSOR;
    kept += tensorsOf(each).size * KEPT_PER_TENSOR;
    for (const operator of each.operators) kept += KEPT_PER_OPERATOR + KEPT_PER_CHANNEL * channelsOf(operator);
  }
  return { activations, bytes: aligned(Math.max(activations, planning) + kept) };
}

function channelsOf({ name, inputs, outputs }: TfOperator): number {
  if (CONVOLUTIONS.has(name)) return outputs[0]?.shape.at(-1) ?? 0;
  return Math.max(0, ...inputs.map((tensor) => tensor?.quantization?.scales.length ?? 0));
}

/** An activation from the operator that makes it to the last that reads it. */
interface Lifetime {
  readonly bytes: number;
  readonly from: number;
  to: number;
}

function lifetimes(graph: TfGraph): Map<TfTensor, Lifetime> {
  const lives = new Map<TfTensor, Lifetime>();
  const end = graph.operators.length;
  for (const { tensor } of graph.inputs) lives.set(tensor, { bytes: bytesOf(tensor), from: 0, to: 0 });
  for (const [at, { inputs, outputs }] of graph.operators.entries()) {
    for (const tensor of inputs) {
      const life = tensor === undefined ? undefined : lives.get(tensor);
      if (life !== undefined) life.to = at;
    }
    for (const tensor of outputs) lives.set(tensor, { bytes: bytesOf(tensor), from: at, to: at });
  }
  for (const { tensor } of graph.outputs) {
    const life = lives.get(tensor);
    if (life !== undefined) life.to = end;
  }
  return lives;
}

/** Places buffers, of equal ones the last first, and answers how much space they take together. */
function layOut(buffers: readonly Lifetime[]): number {
  const placed: (Lifetime & { readonly place: number })[] = [];
  let total = 0;
  for (const buffer of [...buffers].reverse().sort((a, b) => b.bytes - a.bytes)) {
    let place = 0;
    for (const other of placed) {
      const together = other.from <= buffer.to && buffer.from <= other.to;
      if (together && place + buffer.bytes > other.place) place = Math.max(place, other.place + other.bytes);
      else if (together) break;
    }
    placed.push({ ...buffer, place });
    placed.sort((a, b) => a.place - b.place);
    total = Math.max(total, place + buffer.bytes);
  }
  return total;
}

function bytesOf({ type, shape }: TfTensor): number {
  return aligned(Math.ceil((elementCount(shape) * bitsOf(type)) / 8));
}

function aligned(bytes: number): number {
  return Math.ceil(bytes / ALIGNMENT) * ALIGNMENT;
}
