import type * as ort from 'onnxruntime-node';
import { DATA_TYPES, type DataType } from '../ir/dtype.ts';
import { elements, stringTensor, type Tensor, tensorFromBytes, toStrings } from '../ir/tensor.ts';
import type { Port } from './session.ts';

/** The class of tensors of one of ONNX Runtime's packages; each brings its own, of the same shape. */
export type OrtTensorClass = typeof ort.Tensor;

/** Sizes from here on are negative numbers that the wasm build gives without their sign: they stand for an unknown size. */
const NOT_A_SIZE = 2 ** 31;

/** An input or output as ONNX Runtime declares it. */
export function portOf(metadata: ort.InferenceSession.ValueMetadata): Port {
  if (!metadata.isTensor) return { name: metadata.name, dtype: 'non-tensor', dims: [] };
  return {
    name: metadata.name,
    dtype: metadata.type as DataType,
    dims: metadata.shape.map((dim) =>
      dim === '' || (typeof dim === 'number' && (dim < 0 || dim >= NOT_A_SIZE)) ? undefined : dim,
    ),
  };
}

/** The feeds of a session's inputs as ONNX Runtime takes them; what is missing is for the runtime to miss. */
export function ortFeeds(
  tensorClass: OrtTensorClass,
  inputs: readonly Port[],
  feed: ReadonlyMap<string, Tensor>,
): Record<string, ort.Tensor> {
  const feeds: Record<string, ort.Tensor> = {};
  for (const { name } of inputs) {
    const tensor = feed.get(name);
    if (tensor !== undefined) feeds[name] = toOrtTensor(tensorClass, tensor);
  }
  return feeds;
}

function toOrtTensor(tensorClass: OrtTensorClass, tensor: Tensor): ort.Tensor {
  if (tensor.dtype === 'string') return new tensorClass('string', toStrings(tensor), tensor.dims);
  return new tensorClass(tensor.dtype as ort.Tensor.Type, elements(tensor) as ort.Tensor.DataType, tensor.dims);
}

/** @throws TypeError for a type that no tensor here has. */
export function fromOrtTensor(tensor: ort.Tensor): Tensor {
  if (tensor.type === 'string') return stringTensor(tensor.dims, tensor.data as readonly string[]);
  if (!DATA_TYPES.includes(tensor.type as DataType))
    throw new TypeError(`ONNX Runtime returned a tensor of type ${tensor.type}`);
  const data = tensor.data as Float32Array;
  return tensorFromBytes(
    tensor.type as DataType,
    tensor.dims,
    new Uint8Array(data.buffer, data.byteOffset, data.byteLength),
  );
}
