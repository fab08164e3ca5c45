import type { TensorStore } from './tensor-store.ts';
import { ELEMENT_TYPES } from './tflite/element-type.ts';
import { computesWith } from './tflite/kernel-types.ts';
import type { TfPort, TfTensor } from './tflite/tf-graph.ts';

/**
 * A tensor that is computed, and always equals a constant: LiteRT gives out only what depends on an input. The constant is
 * gathered by a place that is read from an input, of which some element is never less than itself.
 *
 * @returns undefined where no input holds numbers.
 */
export function computedConstant(
  tensors: TensorStore,
  { name, type, shape, data }: TfTensor & { readonly data: Uint8Array },
  inputs: readonly TfPort[],
): TfTensor | undefined {
  const place = zeroOf(tensors, inputs);
  if (place === undefined || !computesWith('GATHER', type)) return undefined;
  const list = tensors.constant({ name: `${name}/constant`, type, shape: [1, ...shape] }, data);
  return tensors.emit('GATHER', [list, place], { name, type, shape }, { axis: 0, batch_dims: 0 });
}

function zeroOf(tensors: TensorStore, inputs: readonly TfPort[]): TfTensor | undefined {
  const tensor = inputs
    .map((port) => port.tensor)
    .find(({ type, shape }) => computesWith('LESS', type) && !shape.includes(0));
  if (tensor === undefined) return undefined;
  const one = tensor.shape.map(() => 1);
  const begin = tensors.integers(tensor.shape.map(() => 0));
  const spec = (label: string, type: TfTensor['type'], shape: readonly number[]) => ({
    name: `${tensor.name}/${label}`,
    type,
    shape,
  });
  const first =
    one.length === 0
      ? tensor
      : tensors.emit('SLICE', [tensor, begin, tensors.integers(one)], spec('first', tensor.type, one));
  const less = tensors.emit('LESS', [first, first], spec('less', 'bool', one));
  const flag = tensors.emit('RESHAPE', [less, tensors.integers([])], spec('flag', 'bool', []), { new_shape: [] });
  return tensors.emit('CAST', [flag], spec('zero', 'int32', []), {
    in_data_type: ELEMENT_TYPES.bool,
    out_data_type: ELEMENT_TYPES.int32,
  });
}
