import { intOf, intsOf } from '../../../ir/attribute.ts';
import type { Value } from '../../../ir/value.ts';
import { capturedValues } from '../captured-values.ts';
import type { TfTensor } from '../tflite/tf-graph.ts';
import type { Legalization, LegalizeCall } from './legalization.ts';
import { graphOf, standIns } from './nested-graph.ts';
import { emptyBuffer, storedAt, whileLoop } from './while-loop.ts';

/** Before this opset a Scan has a batch in front of everything. */
const FIRST_WITHOUT_BATCH = 9;

/** Along which axis a sequence is gone through, and from which end. */
interface Course {
  readonly axis: number;
  readonly backwards: boolean;
}

/**
 * A Scan as a WHILE. Its variables are a counter, the states, a buffer for each list of results and what is read from
 * outside: the sequences, but for constant ones, and what the body captures.
 */
export const scan: Legalization = (call) => {
  const count = intOf(call.node, 'num_scan_inputs') ?? 0;
  if (call.opset < FIRST_WITHOUT_BATCH || count === 0) {
    call.refuse({ code: 'device-operator-form', message: 'Scan over batches of sequences, or over none' });
  }
  const body = graphOf(call, 'body');
  const states = call.node.inputs.length - count;
  const sequences = call.node.inputs.slice(states) as Value[];
  const courses = sequences.map((_, k) => courseOf(call, 'input', k, call.shape(states + k).length));
  const outside = [
    ...new Set([...sequences.filter((value) => value.constant === undefined), ...capturedValues([body])]),
  ];
  const lists = call.node.outputs.flatMap((value, k) => (k < states || value === undefined ? [] : [k]));
  const steps = call.shape(states)[courses[0]!.axis]!;
  const after = whileLoop(call, {
    start: {
      step: [call.scalar(0, 'int32')],
      states: call.node.inputs.slice(0, states).map((value) => call.outer(value!)),
      lists: lists.map((k) => emptyBuffer(call, k)),
      outside: outside.map((value) => call.outer(value)),
    },
    goesOn: (inner, { step: [step] }) =>
      inner.emit('LESS', [step!, inner.integers([steps], [])], { type: 'bool', shape: [] }),
    round: (inner, variables) => {
      const stand = standIns(outside, variables.outside);
      const [step] = variables.step;
      const places = placesOf(inner, step!, steps);
      const parts = sequences.map((value, k) =>
        elementAt(inner, stand.get(value) ?? inner.outer(value), places(courses[k]!.backwards), courses[k]!.axis),
      );
      const given = standIns(body.inputs, [...variables.states, ...parts]);
      const results = inner.nested(body, new Map([...given, ...stand]));
      return {
        step: [inner.emit('ADD', [step!, inner.integers([1], [])], { type: 'int32', shape: [] })],
        states: results.slice(0, states),
        lists: variables.lists.map((buffer, at) => {
          const { axis, backwards } = courseOf(call, 'output', lists[at]! - states, buffer.shape.length);
          return storedAt(inner, buffer, results[lists[at]!]!, { place: places(backwards), axis });
        }),
      };
    },
  });
  for (const [k, tensor] of after.states.entries()) if (call.node.outputs[k] !== undefined) call.bind(tensor, k);
  for (const [at, k] of lists.entries()) call.bind(after.lists[at]!, k);
};

function courseOf({ node }: LegalizeCall, side: 'input' | 'output', index: number, rank: number): Course {
  const axis = intsOf(node, `scan_${side}_axes`)?.[index] ?? 0;
  return { axis: axis < 0 ? axis + rank : axis, backwards: intsOf(node, `scan_${side}_directions`)?.[index] === 1 };
}

/** The place of a step in sequences that are gone through forwards or backwards. */
function placesOf(call: LegalizeCall, step: TfTensor, steps: number): (backwards: boolean) => TfTensor {
  let mirrored: TfTensor | undefined;
  return (backwards) => {
    if (!backwards) return step;
    mirrored ??= call.emit('SUB', [call.integers([steps - 1], []), step], { type: 'int32', shape: [] });
    return mirrored;
  };
}

/** What stands at one place of an axis, without the axis. */
function elementAt(call: LegalizeCall, sequence: TfTensor, place: TfTensor, axis: number): TfTensor {
  return call.emit('GATHER', [sequence, place], {
    shape: sequence.shape.toSpliced(axis, 1),
    type: sequence.type,
    options: { axis, batch_dims: 0 },
  });
}
