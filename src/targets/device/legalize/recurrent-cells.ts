import { floatOf, intOf } from '../../../ir/attribute.ts';
import type { TfTensor } from '../tflite/tf-graph.ts';
import type { LegalizeCall } from './legalization.ts';

/** What one direction of a layer multiplies its state by. */
export interface CellWeights {
  readonly batch: number;
  readonly hidden: number;
  /** Recurrent weights of some gates, outputs by inputs, and their bias where it is not zero. */
  weights(first: number, gates: number): TfTensor;
  bias(first: number, gates: number): TfTensor | undefined;
  /** The weights of a gate of an LSTM for its cell, where it has any. */
  peephole(gate: number): TfTensor | undefined;
  /** The names of the activations, in lower case. */
  readonly activations: readonly string[];
}

/** One step: of the products of inputs and weights of all gates, and the states, to the states; the first is given out. */
export type CellStep = (call: LegalizeCall, x: TfTensor, states: readonly TfTensor[]) => readonly TfTensor[];

/** A recurrent operator: how many gates and states it has, and its step. */
export interface Cell {
  readonly gates: number;
  readonly states: number;
  readonly activations: readonly string[];
  step(call: LegalizeCall, weights: CellWeights): CellStep;
}

const ACTIVATIONS = { sigmoid: 'LOGISTIC', tanh: 'TANH', relu: 'RELU' } as const;

/** Whether an activation of a recurrent operator has an operator here. */
export function isCellActivation(name: string): name is keyof typeof ACTIVATIONS {
  return Object.hasOwn(ACTIVATIONS, name);
}

/** Emits operators that work on one state's shape. */
class StepBuilder {
  readonly #call: LegalizeCall;
  readonly #activations: readonly string[];
  readonly #clip: number | undefined;
  readonly spec: { readonly shape: readonly number[] };

  constructor(call: LegalizeCall, { batch, hidden, activations }: CellWeights) {
    this.#call = call;
    this.#activations = activations;
    this.#clip = floatOf(call.node, 'clip');
    this.spec = { shape: [batch, hidden] };
  }

  emit(name: 'ADD' | 'SUB' | 'MUL', a: TfTensor, b: TfTensor): TfTensor {
    return this.#call.emit(name, [a, b], this.spec);
  }

  /** Activation `index` of the operator, of a sum that is cut to its range first. */
  activate(index: number, x: TfTensor, cuts = true): TfTensor {
    const name = this.#activations[index]!;
    if (!isCellActivation(name)) throw new RangeError(`activation ${name}`);
    return this.#call.emit(ACTIVATIONS[name], [cuts ? this.#cut(x) : x], this.spec);
  }

  product(x: TfTensor, weights: TfTensor, bias: TfTensor | undefined): TfTensor {
    const shape = [this.spec.shape[0]!, weights.shape[0]!];
    return this.#call.emit('FULLY_CONNECTED', [x, weights, bias], { shape });
  }

  gates(x: TfTensor, count: number): readonly TfTensor[] {
    if (count === 1) return [x];
    const specs = Array.from({ length: count }, (_, gate) => ({ ...this.spec, label: `gate${gate}` }));
    return this.#call.emitAll('SPLIT', [this.#call.integers([1], []), x], specs, { num_splits: count });
  }

  #cut(x: TfTensor): TfTensor {
    if (this.#clip === undefined) return x;
    const below = this.#call.emit('MINIMUM', [x, this.#call.scalar(this.#clip, 'float32')], this.spec);
    return this.#call.emit('MAXIMUM', [below, this.#call.scalar(-this.#clip, 'float32')], this.spec);
  }
}

const lstm: Cell = {
  gates: 4,
  states: 2,
  activations: ['sigmoid', 'tanh', 'tanh'],
  step: (outer, cell) => {
    const weights = cell.weights(0, 4);
    const bias = cell.bias(0, 4);
    const [forInput, forOutput, forForget] = [0, 1, 2].map((gate) => cell.peephole(gate));
    const coupled = intOf(outer.node, 'input_forget') === 1;
    return (call, x, [h, c]) => {
      const build = new StepBuilder(call, cell);
      const seen = (gate: TfTensor, peephole: TfTensor | undefined, state: TfTensor): TfTensor =>
        peephole === undefined ? gate : build.emit('ADD', gate, build.emit('MUL', state, peephole));
      const sum = call.emit('ADD', [x, build.product(h!, weights, bias)], { shape: x.shape });
      const [input, output, forget, fresh] = build.gates(sum, 4);
      const taken = build.activate(0, seen(input!, forInput, c!));
      const kept = coupled
        ? build.emit('SUB', call.scalar(1, 'float32'), taken)
        : build.activate(0, seen(forget!, forForget, c!));
      const added = build.emit('MUL', taken, build.activate(1, fresh!));
      const state = build.emit('ADD', build.emit('MUL', kept, c!), added);
      const given = build.activate(0, seen(output!, forOutput, state));
      return [build.emit('MUL', given, build.activate(2, state, false)), state];
    };
  },
};

const gru: Cell = {
  gates: 3,
  states: 1,
  activations: ['sigmoid', 'tanh'],
  step: (outer, cell) => {
    const resetAfter = (intOf(outer.node, 'linear_before_reset') ?? 0) !== 0;
    const gateWeights = cell.weights(0, 2);
    const gateBias = cell.bias(0, 2);
    const newWeights = cell.weights(2, 1);
    const newBias = cell.bias(2, 1);
    return (call, x, [h]) => {
      const build = new StepBuilder(call, cell);
      const [updateInput, resetInput, newInput] = build.gates(x, 3);
      const [updateProduct, resetProduct] = build.gates(build.product(h!, gateWeights, gateBias), 2);
      const update = build.activate(0, build.emit('ADD', updateInput!, updateProduct!));
      const reset = build.activate(0, build.emit('ADD', resetInput!, resetProduct!));
      const part = resetAfter
        ? build.emit('MUL', reset, build.product(h!, newWeights, newBias))
        : build.product(build.emit('MUL', reset, h!), newWeights, newBias);
      const fresh = build.activate(1, build.emit('ADD', newInput!, part));
      // (1 - z) * fresh + z * h
      const change = build.emit('MUL', update, build.emit('SUB', h!, fresh));
      return [build.emit('ADD', fresh, change)];
    };
  },
};

const rnn: Cell = {
  gates: 1,
  states: 1,
  activations: ['tanh'],
  step: (_, cell) => {
    const weights = cell.weights(0, 1);
    const bias = cell.bias(0, 1);
    return (call, x, [h]) => {
      const build = new StepBuilder(call, cell);
      return [build.activate(0, build.emit('ADD', x, build.product(h!, weights, bias)))];
    };
  },
};

export const CELLS = { LSTM: lstm, GRU: gru, RNN: rnn } as const;
