import type { Graph } from '../../../ir/graph.ts';
import type { Dim } from '../../../ir/shape.ts';
import { tensorType, type ValueType } from '../../../ir/value-type.ts';
import { unifyDims } from '../broadcast.ts';
import type { InferRule, InferRules } from '../infer-rule.ts';
import { joinTypes, sameType } from '../join-types.ts';
import type { NodeCall } from '../node-call.ts';

type Types = readonly (ValueType | undefined)[];

/** What both branches agree in; where the condition is known, what its branch says. */
const conditional: InferRule = (call) => {
  const branches = [call.graph('then_branch'), call.graph('else_branch')].map(
    (graph) => graph && call.context.inferBody(graph, []),
  );
  const [whenTrue, whenFalse] = branches;
  if (whenTrue === undefined || whenFalse === undefined) return [];
  const condition = call.scalar(0);
  if (typeof condition === 'number') return condition !== 0 ? whenTrue : whenFalse;
  return whenTrue.map((type, i) => joinTypes(type, whenFalse[i]));
};

/**
 * Rounds after which a loop's state is given up where it still changes. A round without an end only loses dimensions,
 * so that real bodies settle in two or three.
 */
const MAX_ROUNDS = 8;

/**
 * The types that a body's carried values have in every iteration, and the body's results: starts from the initial
 * types and keeps what an iteration does not change.
 */
function carriedTypes(
  initial: Types,
  iterate: (state: Types) => Types,
): { readonly state: Types; readonly results: Types } {
  let state = initial;
  for (let round = 0; round < MAX_ROUNDS; round++) {
    const results = iterate(state);
    const next = state.map((type, i) => joinTypes(type, results[i]));
    if (next.every((type, i) => sameType(type, state[i]))) return { state, results };
    state = next;
  }
  const nothing = state.map(() => undefined);
  return { state: nothing, results: iterate(nothing) };
}

/** Carried values as they started or as an iteration leaves them, then scan results with one more axis in front. */
const loop: InferRule = (call) => {
  const body = call.graph('body');
  if (body === undefined) return [];
  const initial = call.node.inputs.slice(2).map((_, i) => call.type(i + 2));
  const header: Types = [tensorType('int64', []), tensorType('bool', [])];
  const { state, results } = carriedTypes(initial, (types) =>
    call.context.inferBody(body, [...header, ...types]).slice(1),
  );
  const trips = tripsOf(call, body);
  const scanned = results.slice(initial.length).map((type) => stacked(type, 0, trips));
  return [...state, ...scanned];
};

/** Exporters give a Loop without a limit the largest integer. */
const MAX_TRIPS = 2 ** 31 - 1;

/** How often a Loop runs that nothing ends early. */
function tripsOf(call: NodeCall, body: Graph): Dim {
  const limit = call.scalar(0);
  const enters = call.node.inputs[1] === undefined ? 1 : call.scalar(1);
  const end = body.outputs[0]?.value;
  if (typeof limit !== 'number' || limit > MAX_TRIPS || enters !== 1 || end === undefined) return undefined;
  const goesOn = end === body.inputs[1] || call.context.valueOf(end)?.elements?.[0] === 1;
  return goesOn ? Math.max(0, limit) : undefined;
}

function stacked(type: ValueType | undefined, axis: number, length: Dim): ValueType | undefined {
  if (type?.kind !== 'tensor') return undefined;
  if (type.shape === undefined) return tensorType(type.dtype);
  const at = axis < 0 ? axis + type.shape.length + 1 : axis;
  return tensorType(type.dtype, type.shape.toSpliced(at, 0, length));
}

function unstacked(
  type: ValueType | undefined,
  axis: number,
): { readonly type: ValueType | undefined; readonly length: Dim } {
  if (type?.kind !== 'tensor') return { type: undefined, length: undefined };
  const { shape, dtype } = type;
  const at = shape === undefined ? 0 : axis < 0 ? axis + shape.length : axis;
  if (shape === undefined || at < 0 || at >= shape.length) return { type: tensorType(dtype), length: undefined };
  return { type: tensorType(dtype, shape.toSpliced(at, 1)), length: shape[at] };
}

/**
 * From opset 9: states, then scan inputs cut along `scan_input_axes`; results are states, then scan outputs. Opset 8
 * has a batch axis in front of everything and the sequence lengths as operand 0.
 */
const scan: InferRule = (call) => {
  const body = call.graph('body');
  const count = call.int('num_scan_inputs');
  if (body === undefined || count === undefined) return [];
  return call.since < 9 ? batchedScan(call, body, count) : plainScan(call, body, count);
};

function plainScan(call: NodeCall, body: Graph, count: number): Types {
  const types = call.node.inputs.map((_, i) => call.type(i));
  const states = types.slice(0, types.length - count);
  const axes = call.ints('scan_input_axes');
  const cut = types.slice(types.length - count).map((type, i) => unstacked(type, axes?.[i] ?? 0));
  const length = cut.map((each) => each.length).reduce(unifyDims, undefined);
  const { state, results } = carriedTypes(states, (now) =>
    call.context.inferBody(body, [...now, ...cut.map((each) => each.type)]),
  );
  const outAxes = call.ints('scan_output_axes');
  return [...state, ...results.slice(states.length).map((type, i) => stacked(type, outAxes?.[i] ?? 0, length))];
}

function batchedScan(call: NodeCall, body: Graph, count: number): Types {
  const types = call.node.inputs.slice(1).map((_, i) => unstacked(call.type(i + 1), 0));
  const batch = types.map((each) => each.length).reduce(unifyDims, undefined);
  const states = types.slice(0, types.length - count).map((each) => each.type);
  const cut = types.slice(types.length - count).map((each) => unstacked(each.type, 0));
  const length = cut.map((each) => each.length).reduce(unifyDims, undefined);
  const { state, results } = carriedTypes(states, (now) =>
    call.context.inferBody(body, [...now, ...cut.map((each) => each.type)]),
  );
  const scanned = results.slice(states.length).map((type) => stacked(type, 0, length));
  return [...state, ...scanned].map((type) => stacked(type, 0, batch));
}

export const CONTROL_FLOW_RULES: InferRules = { If: conditional, Loop: loop, Scan: scan };
