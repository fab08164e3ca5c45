import type { TfTensor } from '../tflite/tf-graph.ts';
import type { LegalizeCall } from './legalization.ts';
import type { CellStep } from './recurrent-cells.ts';

/** Steps that one round of a loop takes: each round copies the whole sequence once, and costs as much to start. */
const STEPS_PER_ROUND = 16;

/** A sequence that is gone through. */
export interface SequenceRun {
  readonly steps: number;
  readonly backwards: boolean;
  /** The products of inputs and weights, [steps, batch, width]. */
  readonly x: TfTensor;
  readonly states: readonly TfTensor[];
  readonly step: CellStep;
  /** Whether the states after each step are wanted. */
  readonly keeps: boolean;
}

/** What a sequence gives: the first state after each step, [steps, batch, hidden], and the last states. */
export interface SequenceResult {
  readonly hidden: TfTensor | undefined;
  readonly last: readonly TfTensor[];
}

/**
 * Goes through a sequence in a WHILE, some steps in each round; what is left over at the end follows after it.
 *
 * Its variables are a counter, the states, the sequence and, where they are wanted, the states of all steps.
 */
export function loopOverSteps(call: LegalizeCall, run: SequenceRun): SequenceResult {
  const { steps, backwards, x, keeps } = run;
  const looped = steps - (steps % STEPS_PER_ROUND);
  const [, batch = 0, width = 0] = x.shape;
  const [hiddenSize = 0] = run.states.map((state) => state.shape[1]!);
  const buffer = [looped, batch, hiddenSize];
  const variables = [
    call.constantTensor('int32', [], new Uint8Array(4), 'start'),
    ...run.states,
    x,
    ...(keeps ? [call.emit('FILL', [call.integers(buffer), call.scalar(0, 'float32')], { shape: buffer })] : []),
  ];
  const cond = call.subgraph('cond', (inner) => {
    const inputs = inputsLike(inner, variables);
    const more = inner.emit('LESS', [inputs[0]!, inner.integers([looped], [])], { type: 'bool', shape: [] });
    return { inputs, outputs: [more] };
  });
  const body = call.subgraph('body', (inner) => ({ ...round(inner, run, { variables, looped }) }));
  const specs = variables.map(({ shape, type }, k) => ({ shape, type, label: `loop${k}` }));
  const results = call.emitAll('WHILE', variables, specs, { cond_subgraph_index: cond, body_subgraph_index: body });
  let states = results.slice(1, 1 + run.states.length);
  const rest: TfTensor[] = [];
  for (let k = looped; k < steps; k++) {
    const place = backwards ? steps - 1 - k : k;
    const one = { shape: [1, batch, width] };
    const cut = call.emit('SLICE', [x, call.integers([place, 0, 0]), call.integers(one.shape)], one);
    states = [...run.step(call, withoutFirst(call, cut), states)];
    rest.push(withFirst(call, states[0]!));
  }
  if (!keeps) return { hidden: undefined, last: states };
  const kept = results.at(-1)!;
  const parts = backwards ? [...rest.reverse(), kept] : [kept, ...rest];
  const shape = [steps, batch, hiddenSize];
  const hidden = parts.length === 1 ? kept : call.emit('CONCATENATION', parts, { shape, options: { axis: 0 } });
  return { hidden, last: states };
}

interface LoopFrame {
  readonly variables: readonly TfTensor[];
  readonly looped: number;
}

/** One round: the next steps of the sequence. */
function round(
  call: LegalizeCall,
  { steps, backwards, x, keeps, ...run }: SequenceRun,
  { variables, looped }: LoopFrame,
) {
  const inputs = inputsLike(call, variables);
  const counter = inputs[0]!;
  const [, batch = 0, width = 0] = x.shape;
  const int = { type: 'int32', shape: [] } as const;
  const first = backwards ? call.emit('SUB', [call.integers([steps - STEPS_PER_ROUND], []), counter], int) : counter;
  const offsets = call.integers(Array.from({ length: STEPS_PER_ROUND }, (_, k) => k));
  const places = call.emit('ADD', [offsets, first], { type: 'int32', shape: [STEPS_PER_ROUND] });
  const sequence = inputs[1 + run.states.length]!;
  const block = call.emit('GATHER', [sequence, places], {
    shape: [STEPS_PER_ROUND, batch, width],
    options: { axis: 0, batch_dims: 0 },
  });
  const each = Array.from({ length: STEPS_PER_ROUND }, (_, k) => ({ shape: [batch, width], label: `step${k}` }));
  const products = call.emitAll('UNPACK', [block], each, { num: STEPS_PER_ROUND, axis: 0 });
  let states: readonly TfTensor[] = inputs.slice(1, 1 + run.states.length);
  const hidden = new Array<TfTensor>(STEPS_PER_ROUND);
  for (let k = 0; k < STEPS_PER_ROUND; k++) {
    const at = backwards ? STEPS_PER_ROUND - 1 - k : k;
    states = run.step(call, products[at]!, states);
    hidden[at] = states[0]!;
  }
  const next = call.emit('ADD', [counter, call.integers([STEPS_PER_ROUND], [])], int);
  const outputs = [next, ...states, sequence];
  if (keeps)
    outputs.push(stored(call, { buffer: inputs.at(-1)!, hidden, first, from: backwards ? steps - looped : 0 }));
  return { inputs, outputs };
}

interface StoredBlock {
  readonly buffer: TfTensor;
  readonly hidden: readonly TfTensor[];
  /** The step that the block begins with, and the one that the buffer begins with. */
  readonly first: TfTensor;
  readonly from: number;
}

/** The buffer of all states with those of a block in their place. */
function stored(call: LegalizeCall, { buffer, hidden, first, from }: StoredBlock): TfTensor {
  const shape = [hidden.length, ...buffer.shape.slice(1)];
  const packed = call.emit('PACK', hidden, { shape, options: { values_count: hidden.length, axis: 0 } });
  const int = { type: 'int32', shape: [3] } as const;
  const place = call.emit('MUL', [call.integers([1, 0, 0]), first], int);
  const start = from === 0 ? place : call.emit('SUB', [place, call.integers([from, 0, 0])], int);
  return call.emit('DYNAMIC_UPDATE_SLICE', [buffer, packed, start], { shape: buffer.shape });
}

function inputsLike(call: LegalizeCall, variables: readonly TfTensor[]): readonly TfTensor[] {
  return variables.map(({ shape, type }, k) => call.tensor(shape, type, `variable${k}`));
}

function withoutFirst(call: LegalizeCall, x: TfTensor): TfTensor {
  const shape = x.shape.slice(1);
  return call.emit('RESHAPE', [x, call.integers(shape)], { shape, options: { new_shape: shape } });
}

function withFirst(call: LegalizeCall, x: TfTensor): TfTensor {
  const shape = [1, ...x.shape];
  return call.emit('RESHAPE', [x, call.integers(shape)], { shape, options: { new_shape: shape } });
}
