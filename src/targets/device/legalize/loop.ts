import { toNumbers } from '../../../ir/tensor.ts';
import type { Value } from '../../../ir/value.ts';
import { capturedValues } from '../captured-values.ts';
import type { TfTensor } from '../tflite/tf-graph.ts';
import { reshape } from './broadcast-rank.ts';
import type { Legalization, LegalizeCall } from './legalization.ts';
import { graphOf, standIns } from './nested-graph.ts';
import { asInt32, emptyBuffer, storedAt, whileLoop } from './while-loop.ts';

/** Operands before those that are carried: the most rounds, and whether there is a first one. */
const HEAD = 2;

/**
 * A Loop as a WHILE. Its variables are the number of the round, whether it goes on, the most rounds where they are
 * computed, what is carried, a buffer for each list of results, of which the length is known, and what the body reads
 * from outside.
 */
export const loop: Legalization = (call) => {
  const body = graphOf(call, 'body');
  const captured = capturedValues([body]);
  const carried = call.node.inputs.slice(HEAD) as Value[];
  const count = carried.length;
  const lists = call.node.outputs.flatMap((value, k) => (k < count || value === undefined ? [] : [k]));
  const limit = constantLimit(call);
  const start = {
    round: [call.scalar(0, 'int64')],
    going: [call.has(1) ? reshape(call, call.input(1), []) : call.scalar(1, 'bool')],
    limit: limit === undefined && call.has(0) ? [reshape(call, call.input(0), [])] : [],
    carried: carried.map((value) => call.outer(value)),
    lists: lists.map((k) => emptyBuffer(call, k)),
    captured: captured.map((value) => call.outer(value)),
  };
  const after = whileLoop(call, {
    start,
    goesOn: (inner, { round: [round], going: [going], limit: [computed] }) => {
      const most = limit === undefined ? computed : inner.scalar(limit, 'int64');
      if (most === undefined) return going!;
      const left = inner.emit('LESS', [round!, most], { type: 'bool', shape: [] });
      return inner.emit('LOGICAL_AND', [left, going!], { type: 'bool', shape: [] });
    },
    round: (inner, variables) => {
      const given = [...variables.round, ...variables.going, ...variables.carried];
      const stand = new Map([...standIns(body.inputs, given), ...standIns(captured, variables.captured)]);
      const [going, ...results] = inner.nested(body, stand);
      const [round] = variables.round;
      return {
        round: [inner.emit('ADD', [round!, inner.scalar(1, 'int64')], { type: 'int64', shape: [] })],
        going: [reshape(inner, going!, [])],
        carried: results.slice(0, count),
        lists: extended(inner, variables.lists, { round: round!, values: lists.map((k) => results[k]!) }),
      };
    },
  });
  for (const [k, tensor] of after.carried.entries()) if (call.node.outputs[k] !== undefined) call.bind(tensor, k);
  for (const [at, k] of lists.entries()) call.bind(after.lists[at]!, k);
};

/** The most rounds, where they are constant; more than 2^53 are as good as any number. */
function constantLimit(call: LegalizeCall): number | undefined {
  const constant = call.constant(0);
  return constant && Math.min(toNumbers(constant)[0]!, Number.MAX_SAFE_INTEGER);
}

function extended(
  call: LegalizeCall,
  buffers: readonly TfTensor[],
  { round, values }: { readonly round: TfTensor; readonly values: readonly TfTensor[] },
): readonly TfTensor[] {
  if (buffers.length === 0) return [];
  const place = asInt32(call, round);
  return buffers.map((buffer, k) => storedAt(call, buffer, values[k]!, { place, axis: 0 }));
}
