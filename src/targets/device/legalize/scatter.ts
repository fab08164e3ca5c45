import { intOf, textOf } from '../../../ir/attribute.ts';
import { elementCount } from '../../../ir/tensor.ts';
import type { TfTensor } from '../tflite/tf-graph.ts';
import { reshape } from './broadcast-rank.ts';
import { cast } from './elementwise.ts';
import type { Legalization, LegalizationTable, LegalizeCall } from './legalization.ts';

const gatherNd: Legalization = (call) => {
  if ((intOf(call.node, 'batch_dims') ?? 0) !== 0) {
    call.refuse({ code: 'device-operator-form', message: 'GatherND with batch dimensions' });
  }
  const shape = call.shape(0);
  const places = call.shape(1);
  const depth = places.at(-1)!;
  const known = call.constant(1);
  const dims = shape.slice(0, depth);
  const indices =
    known === undefined
      ? wrappedTuples(call, call.input(1), dims)
      : call.integers(
          call.numbers(1, 'the indices').map((index, k) => (index < 0 ? index + dims[k % depth]! : index)),
          places,
        );
  call.finish('GATHER_ND', [call.input(0), indices]);
};

/** Index tuples that may count from the end, counted from the front. */
function wrappedTuples(call: LegalizeCall, indices: TfTensor, dims: readonly number[]): TfTensor {
  const { type, shape } = indices;
  if (type !== 'int32') {
    const narrow = call.emit('CAST', [indices], {
      type: 'int32',
      shape,
      options: { in_data_type: 4, out_data_type: 2 },
    });
    return wrappedTuples(call, narrow, dims);
  }
  return call.emit('FLOOR_MOD', [indices, call.integers(dims)], { type, shape });
}

/** How far apart neighbours along each axis of a row-major array lie. */
function stridesOf(shape: readonly number[]): number[] {
  const strides = new Array<number>(shape.length).fill(1);
  for (let axis = shape.length - 2; axis >= 0; axis--) strides[axis] = strides[axis + 1]! * shape[axis + 1]!;
  return strides;
}

/** Places in an array: numbers where they are known, else a tensor of int32 that computes them. */
type Places = { readonly known: readonly number[] } | { readonly computed: TfTensor };

/** Places in operand 0 as one row, for indices in operand 1 along one axis that vary with all others. */
function elementPlaces(call: LegalizeCall): Places {
  const shape = call.shape(0);
  const dims = call.shape(1);
  const logical = intOf(call.node, 'axis') ?? 0;
  const axis = logical < 0 ? logical + shape.length : logical;
  const strides = stridesOf(shape);
  const inner = stridesOf(dims);
  // Where an element lies but for its index.
  const base = Array.from({ length: elementCount(dims) }, (_, at) =>
    dims.reduce((place, dim, k) => (k === axis ? place : place + (Math.floor(at / inner[k]!) % dim) * strides[k]!), 0),
  );
  if (call.constant(1) === undefined) {
    const steps = wrappedIndices(call, reshape(call, call.input(1), [base.length]), shape[axis]!);
    const spec = { type: 'int32', shape: [base.length] } as const;
    const moved = call.emit('MUL', [steps, call.integers([strides[axis]!], [])], spec);
    return { computed: call.emit('ADD', [moved, call.integers(base)], spec) };
  }
  const indices = call.numbers(1, 'the indices');
  const known = base.map(
    (place, at) => place + (indices[at]! + (indices[at]! < 0 ? shape[axis]! : 0)) * strides[axis]!,
  );
  return { known };
}

/** Indices that may count from the end as int32 that count from the front. */
function wrappedIndices(call: LegalizeCall, indices: TfTensor, dim: number): TfTensor {
  const { shape } = indices;
  const narrow = cast(call, indices, 'int32');
  return call.emit('FLOOR_MOD', [narrow, call.integers([dim], [])], { type: 'int32', shape });
}

const gatherElements: Legalization = (call) => {
  const flat = reshape(call, call.input(0), [elementCount(call.shape(0))]);
  const places = elementPlaces(call);
  const dims = call.shape(1);
  const indices = 'known' in places ? call.integers(places.known, dims) : reshape(call, places.computed, dims);
  call.finish('GATHER', [flat, indices], { axis: 0, batch_dims: 0 });
};

const MERGES = { add: 'ADD', mul: 'MUL', max: 'MAXIMUM', min: 'MINIMUM' } as const;

/**
 * Puts updates at places of flat data: everything else keeps its element. Computed places are taken to differ from each
 * other, as ONNX asks for; sums may meet.
 */
function scatterFlat(call: LegalizeCall, places: Places, updates: TfTensor): void {
  const reduction = textOf(call.node, 'reduction') ?? 'none';
  const merge = Object.hasOwn(MERGES, reduction) ? MERGES[reduction as keyof typeof MERGES] : undefined;
  const meet = 'known' in places && new Set(places.known).size !== places.known.length;
  if ((merge === undefined && reduction !== 'none') || (reduction !== 'add' && meet)) {
    call.refuse({ code: 'device-operator-form', message: `${call.node.op} that puts several updates in one place` });
  }
  if (merge !== undefined && merge !== 'ADD' && !('known' in places)) {
    call.refuse({
      code: 'device-operator-form',
      message: `${call.node.op} with reduction ${reduction} in computed places`,
    });
  }
  const shape = call.shape(0);
  const size = elementCount(shape);
  const type = call.resultType();
  const flat = { shape: [size], type };
  const count = elementCount(updates.shape);
  const indices =
    'known' in places ? call.integers(places.known, [count, 1]) : reshape(call, places.computed, [count, 1]);
  const values = reshape(call, updates, [count]);
  const spread = call.emit('SCATTER_ND', [indices, values, call.integers([size])], flat);
  const data = reshape(call, call.input(0), [size]);
  if (merge === 'ADD') {
    call.bind(reshape(call, call.emit('ADD', [data, spread], flat), shape));
    return;
  }
  const merged = merge === undefined ? spread : call.emit(merge, [data, spread], flat);
  call.bind(reshape(call, call.emit('SELECT_V2', [writtenMask(call, places, size), merged, data], flat), shape));
}

/** Where data of some size is written to. */
function writtenMask(call: LegalizeCall, places: Places, size: number): TfTensor {
  if ('known' in places) {
    const mask = new Uint8Array(size);
    for (const place of places.known) mask[place] = 1;
    return call.constantTensor('bool', [size], mask, 'written');
  }
  const [count = 0] = places.computed.shape;
  const ones = call.integers(new Array<number>(count).fill(1));
  const indices = reshape(call, places.computed, [count, 1]);
  const spec = { shape: [size], type: 'int32' } as const;
  const hits = call.emit('SCATTER_ND', [indices, ones, call.integers([size])], spec);
  return call.emit('GREATER', [hits, call.integers([0], [])], { shape: [size], type: 'bool' });
}

const scatterNd: Legalization = (call) => {
  const shape = call.shape(0);
  const dims = call.shape(1);
  const depth = dims.at(-1)!;
  const strides = stridesOf(shape);
  const inner = Array.from({ length: elementCount(shape.slice(depth)) }, (_, k) => k);
  if (call.constant(1) === undefined) {
    const tuples = wrappedTuples(call, call.input(1), shape.slice(0, depth));
    const count = elementCount(dims) / depth;
    const spec = { type: 'int32', shape: [count, depth] } as const;
    const steps = call.integers(strides.slice(0, depth));
    const parts = call.emit('MUL', [reshape(call, tuples, spec.shape), steps], spec);
    const sums = call.emit('SUM', [parts, call.integers([1])], {
      type: 'int32',
      shape: [count, 1],
      options: { keep_dims: true },
    });
    const whole = [count, inner.length] as const;
    const places = call.emit('ADD', [sums, call.integers(inner, [1, inner.length])], { type: 'int32', shape: whole });
    return scatterFlat(call, { computed: reshape(call, places, [count * inner.length]) }, call.input(2));
  }
  const indices = call.numbers(1, 'the indices');
  const known: number[] = [];
  for (let at = 0; at < indices.length; at += depth) {
    let place = 0;
    for (let k = 0; k < depth; k++) {
      const index = indices[at + k]!;
      place += (index < 0 ? index + shape[k]! : index) * strides[k]!;
    }
    for (const k of inner) known.push(place + k);
  }
  scatterFlat(call, { known }, call.input(2));
};

export const SCATTER: LegalizationTable = {
  GatherND: gatherNd,
  GatherElements: gatherElements,
  ScatterND: scatterNd,
  Scatter: (call) => scatterFlat(call, elementPlaces(call), call.input(2)),
  ScatterElements: (call) => scatterFlat(call, elementPlaces(call), call.input(2)),
};
