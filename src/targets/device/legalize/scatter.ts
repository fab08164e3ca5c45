import { intOf, textOf } from '../../../ir/attribute.ts';
import { elementCount } from '../../../ir/tensor.ts';
import type { TfTensor } from '../tflite/tf-graph.ts';
import { reshape } from './broadcast-rank.ts';
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

/** Constant places in a row-major array of `shape`, for indices along one axis that vary with all others. */
function elementPlaces(call: LegalizeCall): readonly number[] {
  const shape = call.shape(0);
  const dims = call.shape(1);
  const rank = shape.length;
  const logical = intOf(call.node, 'axis') ?? 0;
  const axis = logical < 0 ? logical + rank : logical;
  const indices = call.numbers(1, 'the indices');
  return indices.map((index, at) => {
    let rest = at;
    let place = 0;
    let stride = 1;
    for (let k = rank - 1; k >= 0; k--) {
      const own = rest % dims[k]!;
      rest = Math.floor(rest / dims[k]!);
      const position = k === axis ? (index < 0 ? index + shape[k]! : index) : own;
      place += position * stride;
      stride *= shape[k]!;
    }
    return place;
  });
}

const gatherElements: Legalization = (call) => {
  const flat = reshape(call, call.input(0), [elementCount(call.shape(0))]);
  const places = call.integers(elementPlaces(call), call.shape(1));
  call.finish('GATHER', [flat, places], { axis: 0, batch_dims: 0 });
};

/** Puts updates at constant places of flat data: everything else keeps its element. */
function scatterFlat(call: LegalizeCall, places: readonly number[], updates: TfTensor): void {
  const reduction = textOf(call.node, 'reduction') ?? 'none';
  if (reduction !== 'none' && reduction !== 'add') {
    call.refuse({ code: 'device-operator-form', message: `${call.node.op} with reduction ${reduction}` });
  }
  if (reduction === 'none' && new Set(places).size !== places.length) {
    call.refuse({ code: 'device-operator-form', message: `${call.node.op} writes the same element twice` });
  }
  const shape = call.shape(0);
  const size = elementCount(shape);
  const type = call.resultType();
  const flat = { shape: [size], type };
  const indices = call.integers(places, [places.length, 1]);
  const values = reshape(call, updates, [places.length]);
  const spread = call.emit('SCATTER_ND', [indices, values, call.integers([size])], flat);
  const data = reshape(call, call.input(0), [size]);
  if (reduction === 'add') {
    call.bind(reshape(call, call.emit('ADD', [data, spread], flat), shape));
    return;
  }
  const mask = new Uint8Array(size);
  for (const place of places) mask[place] = 1;
  const written = call.constantTensor('bool', [size], mask, 'written');
  call.bind(reshape(call, call.emit('SELECT_V2', [written, spread, data], flat), shape));
}

const scatterNd: Legalization = (call) => {
  const shape = call.shape(0);
  const depth = call.shape(1).at(-1)!;
  const inner = elementCount(shape.slice(depth));
  const indices = call.numbers(1, 'the indices');
  const places: number[] = [];
  for (let at = 0; at < indices.length; at += depth) {
    let place = 0;
    for (let k = 0; k < depth; k++) {
      const index = indices[at + k]!;
      place = place * shape[k]! + (index < 0 ? index + shape[k]! : index);
    }
    for (let k = 0; k < inner; k++) places.push(place * inner + k);
  }
  scatterFlat(call, places, call.input(2));
};

export const SCATTER: LegalizationTable = {
  GatherND: gatherNd,
  GatherElements: gatherElements,
  ScatterND: scatterNd,
  ScatterElements: (call) => scatterFlat(call, elementPlaces(call), call.input(2)),
};
