import { floatsOf, intOf, textOf } from '../../../ir/attribute.ts';
import { toNumbers } from '../../../ir/tensor.ts';
import type { TfTensor } from '../tflite/tf-graph.ts';
import { reshape } from './broadcast-rank.ts';
import type { Legalization, LegalizationTable, LegalizeCall } from './legalization.ts';
import { CELLS, type Cell, type CellStep, type CellWeights, isCellActivation } from './recurrent-cells.ts';
import { loopOverSteps, type SequenceResult } from './recurrent-loop.ts';
import { vectorRows, weightRows } from './recurrent-weights.ts';

/**
 * Most steps that are written out one after the other. Each takes about a dozen operators; beyond 1024 steps a file has
 * more operators than weights, and loading it takes seconds. Longer sequences are a loop.
 */
const MAX_STEPS = 1024;

/** The sizes of a recurrent layer, and what its directions share. */
interface Layer {
  readonly cell: Cell;
  readonly steps: number;
  readonly batch: number;
  readonly hidden: number;
  readonly directions: number;
  /** Whether the batch stands before the steps. */
  readonly batchFirst: boolean;
  readonly activations: readonly string[];
  /** Operand 0 as steps x batch, inputs. */
  readonly x: TfTensor;
}

function recurrent(cell: Cell): Legalization {
  return (call) => {
    const layer = layerOf(call, cell);
    const results = Array.from({ length: layer.directions }, (_, index) => runDirection(call, layer, index));
    bindResults(call, layer, results);
  };
}

function layerOf(call: LegalizeCall, cell: Cell): Layer {
  const batchFirst = intOf(call.node, 'layout') === 1;
  const shape = call.shape(0);
  const [steps = 0, batch = 0] = batchFirst ? [shape[1], shape[0]] : shape;
  const inputs = shape[2]!;
  const [directions = 1] = call.shape(1);
  const hidden = call.shape(2).at(-1)!;
  checkLengths(call, steps);
  const source = batchFirst ? swapped(call, call.input(0)) : call.input(0);
  const x = reshape(call, source, [steps * batch, inputs]);
  return { cell, steps, batch, hidden, directions, batchFirst, activations: activationsOf(call, cell, directions), x };
}

function checkLengths(call: LegalizeCall, steps: number): void {
  const lengths = call.constant(4);
  if (!call.has(4) || (lengths !== undefined && toNumbers(lengths).every((length) => length === steps))) return;
  refuseForm(call, `${call.node.op} over sequences of different lengths`);
}

/** The activations of all directions, one after the other, in lower case. */
function activationsOf(call: LegalizeCall, { activations }: Cell, directions: number): readonly string[] {
  const { node } = call;
  if (floatsOf(node, 'activation_alpha') !== undefined) refuseForm(call, `${node.op} with scaled activations`);
  const given = node.attributes.get('activations');
  if (given?.kind !== 'strings' || given.value.length === 0)
    return Array.from({ length: directions }, () => activations).flat();
  const names = given.value.map((bytes) => new TextDecoder().decode(bytes).toLowerCase());
  if (!names.every(isCellActivation)) refuseForm(call, `${node.op} with ${names.join(', ')}`);
  return names;
}

function refuseForm(call: LegalizeCall, message: string): never {
  return call.refuse({ code: 'device-recurrent-form', message });
}

/** A tensor with its first two axes changed over. */
function swapped(call: LegalizeCall, x: TfTensor): TfTensor {
  const [a = 0, b = 0, ...rest] = x.shape;
  const move = [1, 0, ...rest.map((_, k) => k + 2)];
  return call.emit('TRANSPOSE', [x, call.integers(move)], { shape: [b, a, ...rest], type: x.type });
}

function runDirection(call: LegalizeCall, layer: Layer, index: number): SequenceResult {
  const { cell, steps, batch, hidden } = layer;
  const width = cell.gates * hidden;
  const inputWeights = weightRows(call, {
    operand: 1,
    direction: index,
    first: 0,
    rows: width,
    label: `weights${index}`,
  });
  const bias = vectorRows(call, { operand: 3, direction: index, first: 0, rows: width, label: `bias${index}` });
  const zeros = call.floats(new Float32Array(width), [width], `bias${index}`);
  const product = call.emit('FULLY_CONNECTED', [layer.x, inputWeights, bias ?? zeros], {
    shape: [steps * batch, width],
  });
  const x = reshape(call, product, [steps, batch, width]);
  const step = cell.step(call, weightsOf(call, layer, index));
  const states = Array.from({ length: cell.states }, (_, k) => initialState(call, layer, 5 + k, index));
  const backwards = index === 1 || textOf(call.node, 'direction') === 'reverse';
  const keeps = call.node.outputs[0] !== undefined;
  if (steps <= MAX_STEPS) return unrolled(call, x, { step, states, backwards, keeps });
  if (call.constant(2) === undefined) refuseForm(call, `${call.node.op} over ${steps} steps with computed weights`);
  return loopOverSteps(call, { steps, backwards, x, states, step, keeps });
}

function weightsOf(call: LegalizeCall, { cell, batch, hidden, activations }: Layer, direction: number): CellWeights {
  const width = cell.gates * hidden;
  const count = cell.activations.length;
  const rows = (first: number, gates: number) => ({ direction, first: first * hidden, rows: gates * hidden });
  return {
    batch,
    hidden,
    activations: activations.slice(direction * count, (direction + 1) * count),
    weights: (first, gates) =>
      weightRows(call, { operand: 2, ...rows(first, gates), label: `recurrent${direction}_${first}` }),
    bias: (first, gates) => {
      const part = rows(first, gates);
      return vectorRows(call, { operand: 3, ...part, first: width + part.first, label: 'recurrent_bias' });
    },
    peephole: (gate) => vectorRows(call, { operand: 7, ...rows(gate, 1), label: `peephole${gate}` }),
  };
}

interface UnrolledRun {
  readonly step: CellStep;
  readonly states: readonly TfTensor[];
  readonly backwards: boolean;
  readonly keeps: boolean;
}

/** Goes through a sequence, each step written out. */
function unrolled(call: LegalizeCall, x: TfTensor, { step, states, backwards, keeps }: UnrolledRun): SequenceResult {
  const [steps = 0, batch = 0, width = 0] = x.shape;
  const specs = Array.from({ length: steps }, (_, k) => ({ shape: [batch, width], label: `input_${k}` }));
  const perStep =
    steps === 1 ? [reshape(call, x, [batch, width])] : call.emitAll('UNPACK', [x], specs, { num: steps, axis: 0 });
  const hidden = new Array<TfTensor>(steps);
  let last = states;
  for (let k = 0; k < steps; k++) {
    const at = backwards ? steps - 1 - k : k;
    last = step(call, perStep[at]!, last);
    hidden[at] = last[0]!;
  }
  if (!keeps) return { hidden: undefined, last };
  const shape = [steps, ...hidden[0]!.shape];
  const options = { values_count: steps, axis: 0 };
  return {
    hidden: steps === 1 ? reshape(call, hidden[0]!, shape) : call.emit('PACK', hidden, { shape, options }),
    last,
  };
}

function initialState(
  call: LegalizeCall,
  { batch, hidden, directions, batchFirst }: Layer,
  operand: number,
  index: number,
): TfTensor {
  const shape = [batch, hidden];
  if (!call.has(operand)) return call.floats(new Float32Array(batch * hidden), shape, 'zeros');
  const state = batchFirst ? swapped(call, call.input(operand)) : call.input(operand);
  if (directions === 1) return reshape(call, state, shape);
  const one = [1, batch, hidden];
  const cut = call.emit('SLICE', [state, call.integers([index, 0, 0]), call.integers(one)], { shape: one });
  return reshape(call, cut, shape);
}

/** Y [steps, directions, batch, hidden] and the last states [directions, batch, hidden]; the batch comes first on demand. */
function bindResults(call: LegalizeCall, layer: Layer, results: readonly SequenceResult[]): void {
  const { steps, batch, hidden, directions, batchFirst } = layer;
  if (call.node.outputs[0] !== undefined) {
    const sequences = results.map((result) => reshape(call, result.hidden!, [steps, 1, batch, hidden]));
    const all = joined(call, sequences, [steps, directions, batch, hidden], 1);
    const order = [2, 0, 1, 3];
    const shape = [batch, steps, directions, hidden];
    call.bind(batchFirst ? call.emit('TRANSPOSE', [all, call.integers(order)], { shape }) : all, 0);
  }
  for (const [k] of results[0]!.last.entries()) {
    if (call.node.outputs[k + 1] === undefined) continue;
    const states = results.map((result) => reshape(call, result.last[k]!, [1, batch, hidden]));
    const all = joined(call, states, [directions, batch, hidden], 0);
    call.bind(batchFirst ? swapped(call, all) : all, k + 1);
  }
}

function joined(call: LegalizeCall, parts: readonly TfTensor[], shape: readonly number[], axis: number): TfTensor {
  return parts.length === 1 ? parts[0]! : call.emit('CONCATENATION', parts, { shape, options: { axis } });
}

export const RECURRENT: LegalizationTable = {
  LSTM: recurrent(CELLS.LSTM),
  GRU: recurrent(CELLS.GRU),
  RNN: recurrent(CELLS.RNN),
};
