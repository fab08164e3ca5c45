import type { TfTensor } from '../tflite/tf-graph.ts';
import { castOptions } from './elementwise.ts';
import type { LegalizeCall } from './legalization.ts';
import { inputsLike, ownOutputs } from './nested-graph.ts';

/** The variables of a loop by what they are for. */
export type LoopVariables<Group extends string> = Readonly<Record<Group, readonly TfTensor[]>>;

/** A loop over groups of variables, each of which keeps its shape. */
export interface WhileLoop<Group extends string> {
  readonly start: LoopVariables<Group>;
  /** Whether there is another round: one truth value. */
  readonly goesOn: (inner: LegalizeCall, variables: LoopVariables<Group>) => TfTensor;
  /** The variables after a round; groups that are left out stay. */
  readonly round: (
    inner: LegalizeCall,
    variables: LoopVariables<Group>,
  ) => Readonly<Partial<Record<Group, readonly TfTensor[]>>>;
}

/** Emits a WHILE and returns its variables after the last round. */
export function whileLoop<Group extends string>(
  call: LegalizeCall,
  { start, goesOn, round }: WhileLoop<Group>,
): LoopVariables<Group> {
  const groups = Object.keys(start) as Group[];
  const flat = (variables: LoopVariables<Group>): TfTensor[] => groups.flatMap((group) => variables[group]);
  const grouped = (tensors: readonly TfTensor[]): LoopVariables<Group> => {
    const rest = [...tensors];
    const entries = groups.map((group) => [group, rest.splice(0, start[group].length)] as const);
    return Object.fromEntries(entries) as unknown as LoopVariables<Group>;
  };
  const first = flat(start);
  const cond = call.subgraph('cond', (inner) => {
    const inputs = inputsLike(inner, first, 'variable');
    return { inputs, outputs: ownOutputs(inner, [goesOn(inner, grouped(inputs))], inputs) };
  });
  const body = call.subgraph('body', (inner) => {
    const inputs = inputsLike(inner, first, 'variable');
    const variables = grouped(inputs);
    const after = flat({ ...variables, ...round(inner, variables) });
    return { inputs, outputs: ownOutputs(inner, after, inputs, true) };
  });
  const specs = first.map(({ shape, type }, k) => ({ shape, type, label: `loop${k}` }));
  return grouped(call.emitAll('WHILE', first, specs, { cond_subgraph_index: cond, body_subgraph_index: body }));
}

/** A tensor of zeros that is filled round by round. */
export function emptyBuffer(call: LegalizeCall, result: number): TfTensor {
  const shape = call.resultShape(result);
  const type = call.resultType(result);
  return call.emit('FILL', [call.integers(shape), call.scalar(0, type)], { shape, type, label: `buffer${result}` });
}

/** A buffer with `value` at one place of an axis, which `value` does not have. `place` is one integer of 32 bits. */
export function storedAt(
  call: LegalizeCall,
  buffer: TfTensor,
  value: TfTensor,
  { place, axis }: { readonly place: TfTensor; readonly axis: number },
): TfTensor {
  const { shape, type } = buffer;
  const one = shape.with(axis, 1);
  const wide = call.emit('RESHAPE', [value, call.integers(one)], { shape: one, type, options: { new_shape: one } });
  const unit = call.integers(shape.map((_, k) => (k === axis ? 1 : 0)));
  const start = call.emit('MUL', [unit, place], { type: 'int32', shape: [shape.length] });
  return call.emit('DYNAMIC_UPDATE_SLICE', [buffer, wide, start], { shape, type });
}

/** A counter of another width. */
export function asInt32(call: LegalizeCall, counter: TfTensor): TfTensor {
  return call.emit('CAST', [counter], { type: 'int32', shape: [], options: castOptions(counter.type, 'int32') });
}
