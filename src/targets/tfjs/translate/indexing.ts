import { intAttr } from '../node-def.ts';
import { outputsOf } from './movement.ts';
import type { Translation, TranslationTable } from './translation.ts';

const gather: Translation = (call) =>
  call.node('GatherV2', [call.input(0), call.input(1), call.scalar(call.option('axis'), 'int32')], {
    batch_dims: intAttr(call.option('batch_dims')),
  });

/** 1 at the places that are named, then the two values of the operator. */
const oneHot: Translation = (call) => {
  const [on, off] = [call.input(2), call.input(3)];
  const hot = call.node('OneHot', [call.input(0), call.input(1), call.scalar(1, 'int32'), call.scalar(0, 'int32')], {
    T: { type: 'DT_INT32' },
  });
  const flags = call.node('Cast', [hot], { DstT: { type: 'DT_BOOL' } });
  const rank = call.result().shape.length;
  const axis = call.option('axis') < 0 ? rank - 1 : call.option('axis');
  const order = Array.from({ length: rank }, (_, k) => (k === axis ? rank - 1 : k < axis ? k : k - 1));
  const moved = axis === rank - 1 ? flags : call.node('Transpose', [flags, call.integers(order)]);
  return call.node('SelectV2', [moved, on, off]);
};

const topK: Translation = (call) =>
  outputsOf(call, call.node('TopKV2', [call.input(0), call.input(1)], { sorted: { b: true } }));

export const INDEXING: TranslationTable = {
  GATHER: gather,
  GATHER_ND: (call) => call.node('GatherNd', [call.input(0), call.input(1)]),
  SCATTER_ND: (call) => call.node('ScatterNd', [call.input(0), call.input(1), call.integers(call.result().shape)]),
  ONE_HOT: oneHot,
  TOPK_V2: topK,
};
