import { floatOf, floatsOf, intOf, textOf } from '../../../ir/attribute.ts';
import { elements, toNumbers } from '../../../ir/tensor.ts';
import type { TfTensor } from '../tflite/tf-graph.ts';
import { reshape } from './broadcast-rank.ts';
import type { Legalization, LegalizationTable, LegalizeCall } from './legalization.ts';

/**
 * Most steps that are written out one after the other. Each takes about a dozen operators; beyond 1024 steps a file has
 * more operators than weights, and loading it takes seconds.
 */
const MAX_STEPS = 1024;

/** The sizes of a recurrent layer, and what its directions share. */
interface Layer {
  readonly steps: number;
  readonly batch: number;
  readonly inputs: number;
  readonly hidden: number;
  readonly directions: number;
  /** Operand 0 as steps x batch, inputs. */
  readonly x: TfTensor;
}

/** One direction of a layer. */
interface Direction {
  readonly index: number;
  /** The products of inputs and weights with both biases (or, for a GRU, as asked), one tensor per step. */
  inputAt(step: number): TfTensor;
  /** The recurrent weights of some gates, outputs by inputs. */
  readonly recurrent: (first: number, gates: number) => TfTensor;
  readonly recurrentBias: (first: number, gates: number) => Float32Array;
  readonly initial: (operand: number) => TfTensor;
}

/** What one direction gives: the hidden state after each step, in the order of time, and the last states. */
interface Unrolled {
  readonly hidden: readonly TfTensor[];
  readonly last: readonly TfTensor[];
}

function recurrent(
  gates: number,
  activations: readonly string[],
  unroll: (call: LegalizeCall, layer: Layer, direction: Direction) => Unrolled,
): Legalization {
  return (call) => {
    checkForm(call, activations);
    const layer = layerOf(call);
    const results = Array.from({ length: layer.directions }, (_, index) =>
      unroll(call, layer, directionOf(call, layer, gates, index)),
    );
    bindResults(call, layer, results);
  };
}

function checkForm(call: LegalizeCall, activations: readonly string[]): void {
  const { node } = call;
  const form = (message: string): never => call.refuse({ code: 'device-recurrent-form', message });
  const given = node.attributes.get('activations');
  if (given?.kind === 'strings') {
    const names = given.value.map((bytes) => new TextDecoder().decode(bytes).toLowerCase());
    if (names.some((name, k) => name !== activations[k % activations.length]))
      form(`${node.op} with ${names.join(', ')}`);
  }
  if (floatOf(node, 'clip') !== undefined || floatsOf(node, 'activation_alpha') !== undefined)
    form(`${node.op} with clip or scaled activations`);
  if (intOf(node, 'input_forget') === 1) form('LSTM with coupled gates');
  if (intOf(node, 'layout') === 1) form(`${node.op} with the batch first`);
  const peepholes = call.constant(7);
  if (call.has(7) && (peepholes === undefined || toNumbers(peepholes).some((weight) => weight !== 0))) {
    form('LSTM with peepholes');
  }
  const steps = call.shape(0)[0]!;
  const lengths = call.constant(4);
  if (call.has(4) && (lengths === undefined || toNumbers(lengths).some((length) => length !== steps))) {
    form(`${node.op} over sequences of different lengths`);
  }
  if (steps > MAX_STEPS) form(`${node.op} over ${steps} steps; at most ${MAX_STEPS} are written out`);
}

function layerOf(call: LegalizeCall): Layer {
  const [steps = 0, batch = 0, inputs = 0] = call.shape(0);
  const [directions = 1] = call.shape(1);
  const hidden = call.shape(2).at(-1)!;
  return { steps, batch, inputs, hidden, directions, x: reshape(call, call.input(0), [steps * batch, inputs]) };
}

function directionOf(call: LegalizeCall, layer: Layer, gates: number, index: number): Direction {
  const { steps, batch, inputs, hidden } = layer;
  const width = gates * hidden;
  const weights = block(call, 1, index, width * inputs);
  const recurrentWeights = block(call, 2, index, width * hidden);
  const biases = call.has(3) ? block(call, 3, index, 2 * width) : new Float32Array(2 * width);
  const bias = call.floats(biases.slice(0, width), [width], `bias${index}`);
  const product = call.emit(
    'FULLY_CONNECTED',
    [layer.x, call.floats(weights, [width, inputs], `weights${index}`), bias],
    {
      shape: [steps * batch, width],
    },
  );
  const perStep =
    steps === 1
      ? [product]
      : call.emitAll(
          'UNPACK',
          [reshape(call, product, [steps, batch, width])],
          Array.from({ length: steps }, (_, step) => ({ shape: [batch, width], label: `input${index}_${step}` })),
          { num: steps, axis: 0 },
        );
  const cache = new Map<string, TfTensor>();
  return {
    index,
    inputAt: (step) => perStep[step]!,
    recurrent: (first, count) => {
      const key = `${first} ${count}`;
      const values = recurrentWeights.slice(first * hidden * hidden, (first + count) * hidden * hidden);
      const made = cache.get(key) ?? call.floats(values, [count * hidden, hidden], `recurrent${index}_${first}`);
      cache.set(key, made);
      return made;
    },
    recurrentBias: (first, count) => biases.slice(width + first * hidden, width + (first + count) * hidden),
    initial: (operand) => initialState(call, layer, operand, index),
  };
}

/** The part of a constant operand that belongs to one direction. */
function block(call: LegalizeCall, operand: number, index: number, size: number): Float32Array {
  const constant = call.constant(operand);
  if (constant === undefined || constant.dtype !== 'float32') {
    return call.refuse({
      code: 'device-weights-not-constant',
      message: `the weights of ${call.node.op} are not float32 constants`,
    });
  }
  return (elements(constant) as Float32Array).slice(index * size, (index + 1) * size);
}

function initialState(
  call: LegalizeCall,
  { batch, hidden, directions }: Layer,
  operand: number,
  index: number,
): TfTensor {
  const shape = [batch, hidden];
  if (!call.has(operand)) return call.floats(new Float32Array(batch * hidden), shape, 'zeros');
  const state = call.input(operand);
  if (directions === 1) return reshape(call, state, shape);
  const one = [1, batch, hidden];
  const cut = call.emit('SLICE', [state, call.integers([index, 0, 0]), call.integers(one)], { shape: one });
  return reshape(call, cut, shape);
}

/** The steps in the order in which a direction goes through them. */
function* stepsOf(call: LegalizeCall, { steps }: Layer, { index }: Direction): Generator<number, void, undefined> {
  const backwards = index === 1 || textOf(call.node, 'direction') === 'reverse';
  for (let k = 0; k < steps; k++) yield backwards ? steps - 1 - k : k;
}

function splitGates(call: LegalizeCall, x: TfTensor, count: number, shape: readonly number[]): readonly TfTensor[] {
  const specs = Array.from({ length: count }, (_, gate) => ({ shape, label: `gate${gate}` }));
  return call.emitAll('SPLIT', [call.integers([1], []), x], specs, { num_splits: count });
}

/** A bias of its own for the recurrent product where it is not zero. */
function biasTensor(call: LegalizeCall, values: Float32Array): TfTensor | undefined {
  return values.every((value) => value === 0) ? undefined : call.floats(values, [values.length], 'recurrent_bias');
}

function lstm(call: LegalizeCall, layer: Layer, direction: Direction): Unrolled {
  const { batch, hidden } = layer;
  const state = { shape: [batch, hidden] };
  const weights = direction.recurrent(0, 4);
  const bias = biasTensor(call, direction.recurrentBias(0, 4));
  let h = direction.initial(5);
  let c = direction.initial(6);
  const outputs = new Array<TfTensor>(layer.steps);
  for (const step of stepsOf(call, layer, direction)) {
    const gates = { shape: [batch, 4 * hidden] };
    const sum = call.emit(
      'ADD',
      [direction.inputAt(step), call.emit('FULLY_CONNECTED', [h, weights, bias], gates)],
      gates,
    );
    const [input, output, forget, cell] = splitGates(call, sum, 4, state.shape);
    const kept = call.emit('MUL', [call.emit('LOGISTIC', [forget!], state), c], state);
    const added = call.emit('MUL', [call.emit('LOGISTIC', [input!], state), call.emit('TANH', [cell!], state)], state);
    c = call.emit('ADD', [kept, added], state);
    h = call.emit('MUL', [call.emit('LOGISTIC', [output!], state), call.emit('TANH', [c], state)], state);
    outputs[step] = h;
  }
  return { hidden: outputs, last: [h, c] };
}

function gru(call: LegalizeCall, layer: Layer, direction: Direction): Unrolled {
  const { batch, hidden } = layer;
  const state = { shape: [batch, hidden] };
  const resetAfter = (intOf(call.node, 'linear_before_reset') ?? 0) !== 0;
  const gateWeights = direction.recurrent(0, 2);
  const gateBias = biasTensor(call, direction.recurrentBias(0, 2));
  const newWeights = direction.recurrent(2, 1);
  const newBias = biasTensor(call, direction.recurrentBias(2, 1));
  let h = direction.initial(5);
  const outputs = new Array<TfTensor>(layer.steps);
  for (const step of stepsOf(call, layer, direction)) {
    const [updateInput, resetInput, newInput] = splitGates(call, direction.inputAt(step), 3, state.shape);
    const products = call.emit('FULLY_CONNECTED', [h, gateWeights, gateBias], { shape: [batch, 2 * hidden] });
    const [updateProduct, resetProduct] = splitGates(call, products, 2, state.shape);
    const update = call.emit('LOGISTIC', [call.emit('ADD', [updateInput!, updateProduct!], state)], state);
    const reset = call.emit('LOGISTIC', [call.emit('ADD', [resetInput!, resetProduct!], state)], state);
    const product = (x: TfTensor): TfTensor => call.emit('FULLY_CONNECTED', [x, newWeights, newBias], state);
    const part = resetAfter
      ? call.emit('MUL', [reset, product(h)], state)
      : product(call.emit('MUL', [reset, h], state));
    const fresh = call.emit('TANH', [call.emit('ADD', [newInput!, part], state)], state);
    // (1 - z) * fresh + z * h
    const change = call.emit('MUL', [update, call.emit('SUB', [h, fresh], state)], state);
    h = call.emit('ADD', [fresh, change], state);
    outputs[step] = h;
  }
  return { hidden: outputs, last: [h] };
}

function rnn(call: LegalizeCall, layer: Layer, direction: Direction): Unrolled {
  const state = { shape: [layer.batch, layer.hidden] };
  const weights = direction.recurrent(0, 1);
  const bias = biasTensor(call, direction.recurrentBias(0, 1));
  let h = direction.initial(5);
  const outputs = new Array<TfTensor>(layer.steps);
  for (const step of stepsOf(call, layer, direction)) {
    const sum = call.emit(
      'ADD',
      [direction.inputAt(step), call.emit('FULLY_CONNECTED', [h, weights, bias], state)],
      state,
    );
    h = call.emit('TANH', [sum], state);
    outputs[step] = h;
  }
  return { hidden: outputs, last: [h] };
}

/** Y [steps, directions, batch, hidden] and the last states [directions, batch, hidden]. */
function bindResults(call: LegalizeCall, layer: Layer, results: readonly Unrolled[]): void {
  const { steps, batch, hidden, directions } = layer;
  if (call.node.outputs[0] !== undefined) {
    const sequences = results.map((result) => {
      const shape = [steps, batch, hidden];
      const packed =
        steps === 1
          ? reshape(call, result.hidden[0]!, shape)
          : call.emit('PACK', result.hidden, { shape, options: { values_count: steps, axis: 0 } });
      return reshape(call, packed, [steps, 1, batch, hidden]);
    });
    call.bind(joined(call, sequences, [steps, directions, batch, hidden], 1), 0);
  }
  for (const [k] of results[0]!.last.entries()) {
    if (call.node.outputs[k + 1] === undefined) continue;
    const states = results.map((result) => reshape(call, result.last[k]!, [1, batch, hidden]));
    call.bind(joined(call, states, [directions, batch, hidden], 0), k + 1);
  }
}

function joined(call: LegalizeCall, parts: readonly TfTensor[], shape: readonly number[], axis: number): TfTensor {
  return parts.length === 1 ? parts[0]! : call.emit('CONCATENATION', parts, { shape, options: { axis } });
}

export const RECURRENT: LegalizationTable = {
  LSTM: recurrent(4, ['sigmoid', 'tanh', 'tanh'], lstm),
  GRU: recurrent(3, ['sigmoid', 'tanh'], gru),
  RNN: recurrent(1, ['tanh'], rnn),
};
