import { type Diagnostic, note } from '../diagnostics/diagnostic.ts';
import { fail } from '../diagnostics/modelpress-error.ts';
import { elementCount, type Tensor } from '../ir/tensor.ts';
import type { Port } from '../runtime/session.ts';
import { affineOf, gatherOf, type Layout, layoutOf } from './channel-axis.ts';
import { type Conversion, convertElements } from './convert-elements.ts';
import type { InputOptions } from './dataset-options.ts';
import type { Pixels } from './decode-bmp.ts';
import { type AxisOrder, dimsText, type Fit, fitRow, IMAGE_CHANNELS } from './fit-shape.ts';
import { imageInput } from './image-input.ts';
import { type RowArray, rowCount, rowDims } from './row-array.ts';

/** One input of the model, sample by sample. */
export interface InputReader {
  /** Samples that there are; `Infinity` where every sample gets the same value. */
  readonly samples: number;
  readonly rowsPerSample: number;
  /** Dimensions of the tensors, where they are the same for all. */
  readonly dims?: readonly number[];
  readonly notes: readonly Diagnostic[];
  read(sample: number): Tensor | Promise<Tensor>;
}

/**
 * Reads the input `port` from the rows of an array.
 *
 * @throws ModelpressError `data-shape-mismatch` when a row is not the input's shape in one clear way, `data-dtype` when
 *   the input is no tensor or its type cannot be made from the array's.
 */
export function arrayInput(
  array: RowArray,
  port: Port,
  options: InputOptions,
  allowNonFinite: boolean,
  label: string,
): InputReader {
  const { dtype } = port;
  if (dtype === 'non-tensor' || dtype.startsWith('complex') || (dtype === 'string') !== (array.dtype === 'string')) {
    return fail({
      code: 'data-dtype',
      at: label,
      message: `input ${port.name} takes ${dtype}, array ${array.name} holds ${array.dtype}`,
      hint: 'Map the input to another array with inputs.NAME.key.',
    });
  }
  if (options.resize !== undefined) return resizedInput(array, port, options, allowNonFinite, label);
  const shared = port.dims.length === 0 && array.dims.length === 0;
  const fit = shared ? fitRow([], []) : fitRow(rowDims(array), port.dims, orderOf(options, port));
  if (fit === undefined) return mismatch(array, port, label);
  const gather = gatherOf(fit.order, options, fit.dims, port.name);
  const affine = affineOf(options, fit.dims, port.name);
  const conversion: Conversion = {
    from: array.dtype,
    to: dtype,
    dims: fit.dims,
    ...(gather === undefined ? {} : { gather }),
    ...(affine === undefined ? {} : { affine }),
    allowNonFinite,
    input: port.name,
    at: label,
  };
  const count = elementCount(fit.dims);
  return {
    samples: shared ? Number.POSITIVE_INFINITY : Math.floor(rowCount(array) / fit.rowsPerSample),
    rowsPerSample: fit.rowsPerSample,
    dims: fit.dims,
    notes: movedNote(array, port, fit, label),
    read: (sample) => convertElements(array.read(shared ? 0 : sample * count, count), sample, conversion),
  };
}

/** Whether rows of the array can be the input without any option. */
export function fitsInput(array: RowArray, port: Port): boolean {
  if ((port.dtype === 'string') !== (array.dtype === 'string')) return false;
  return array.dims.length > 0 && fitRow(rowDims(array), port.dims) !== undefined;
}

function orderOf({ dataLayout, layout }: InputOptions, port: Port): AxisOrder | undefined {
  if (dataLayout === undefined) return undefined;
  const wanted: Layout | undefined = layout ?? layoutOf(port.dims);
  if (wanted === undefined || wanted === dataLayout) return 'same';
  return wanted === 'NCHW' ? 'hwc-to-chw' : 'chw-to-hwc';
}

function resizedInput(
  array: RowArray,
  port: Port,
  options: InputOptions,
  allowNonFinite: boolean,
  label: string,
): InputReader {
  const [height, width, channels = 1] = rowDims(array);
  const images =
    array.dtype === 'uint8' &&
    options.dataLayout !== 'NCHW' &&
    height !== undefined &&
    width !== undefined &&
    array.dims.length <= 4 &&
    IMAGE_CHANNELS.includes(channels);
  if (!images) {
    return fail({
      code: 'data-shape-mismatch',
      at: label,
      message: `array ${array.name} of ${array.dtype} ${dimsText(array.dims)} cannot be resized`,
      hint: 'Only images can: uint8, [images, height, width] or [images, height, width, channels].',
    });
  }
  const input = imageInput(port, options, allowNonFinite, label);
  const size = height * width * channels;
  const imageAt = (row: number): Pixels => {
    const data = array.read(row * size, size) as Uint8Array;
    return { height, width, channels, data };
  };
  const { rowsPerSample } = input;
  return {
    samples: Math.floor(rowCount(array) / rowsPerSample),
    rowsPerSample,
    notes: [],
    read: (sample) => {
      const images = Array.from({ length: rowsPerSample }, (_, at) => imageAt(sample * rowsPerSample + at));
      return input.read(images, sample, `${label}:${array.name}[${sample}]`);
    },
  };
}

function movedNote(array: RowArray, port: Port, { order, dims }: Fit, label: string): readonly Diagnostic[] {
  if (order === 'same') return [];
  return [
    note({
      code: 'data-layout-moved',
      at: label,
      message: `the channels of array ${array.name} ${dimsText(array.dims)} are moved for input ${port.name} ${dimsText(dims)}`,
    }),
  ];
}

function mismatch(array: RowArray, port: Port, label: string): never {
  const row = dimsText(rowDims(array));
  return fail({
    code: 'data-shape-mismatch',
    at: label,
    message: `input ${port.name} expects ${dimsText(port.dims)}, array ${array.name} ${dimsText(array.dims)} has rows of ${row}`,
    hint: "Give rows of the input's shape without its batch axis; images may be brought to size with the option resize.",
  });
}
