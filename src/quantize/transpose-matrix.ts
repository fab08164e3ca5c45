import { type Tensor, tensorFromElements, toFloat32 } from '../ir/tensor.ts';

/** The transpose of a float32 matrix, or of every matrix of a stack of them. */
export function transposeMatrix(tensor: Tensor): Tensor {
  const [rows, columns] = tensor.dims.slice(-2) as [number, number];
  const source = toFloat32(tensor);
  const target = new Float32Array(source.length);
  for (let start = 0; start < source.length; start += rows * columns) {
    for (let row = 0; row < rows; row++) {
      for (let column = 0; column < columns; column++) {
        target[start + column * rows + row] = source[start + row * columns + column]!;
      }
    }
  }
  return tensorFromElements('float32', [...tensor.dims.slice(0, -2), columns, rows], target);
}
