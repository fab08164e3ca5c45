import { fail } from '../diagnostics/modelpress-error.ts';
import type { DataType } from '../ir/dtype.ts';
import type { Tensor } from '../ir/tensor.ts';
import type { Port } from '../runtime/session.ts';
import { affineOf, gatherOf, type Layout, layoutOf } from './channel-axis.ts';
import { type Conversion, convertElements } from './convert-elements.ts';
import type { InputOptions } from './dataset-options.ts';
import type { Pixels } from './decode-bmp.ts';
import { dimsText } from './fit-shape.ts';
import { loadPixels, type PixelsPlan } from './load-pixels.ts';

/** Makes one input of the model from images. */
export interface ImageInput {
  /** Whether images keep their sizes, because neither the model nor the options give one. */
  readonly anySize: boolean;
  /** The tensor of as many images as the model's batch holds. */
  read(images: readonly (string | Pixels)[], sample: number, at: string): Promise<Tensor>;
  readonly rowsPerSample: number;
}

/** What images are called for by: an input of rank 4, its layout and channels. */
interface ImageShape {
  readonly layout: Layout;
  readonly channels: number;
  readonly height: number | undefined;
  readonly width: number | undefined;
}

/**
 * How images become the input `port`.
 *
 * @throws ModelpressError `data-shape-mismatch` when the input is no batch of images, `data-options` when the size in the
 *   options is not the model's.
 */
export function imageInput(port: Port, options: InputOptions, allowNonFinite: boolean, label: string): ImageInput {
  const shape = imageShape(port, options, label);
  const rowsPerSample = typeof port.dims[0] === 'number' ? port.dims[0] : 1;
  const height = shape.height ?? options.size?.[0];
  const width = shape.width ?? options.size?.[1];
  if (options.size !== undefined && (options.size[0] !== height || options.size[1] !== width)) {
    fail({
      code: 'data-options',
      at: label,
      message: `size ${options.size.join('x')} is asked for, input ${port.name} takes ${height}x${width}`,
      hint: 'Leave size out: it is taken from the model.',
    });
  }
  const plan: PixelsPlan = {
    channels: shape.channels,
    ...(height === undefined || width === undefined ? {} : { size: { height, width } }),
    resize: options.resize ?? 'stretch',
    cropFraction: options.cropFraction ?? 1,
    padding: options.padding ?? 0,
    interpolation: options.interpolation ?? 'linear',
  };
  const target: Target = { port, shape, options: { ...options, layout: shape.layout }, allowNonFinite, label };
  let known: { readonly key: string; readonly conversion: Conversion } | undefined;
  return {
    anySize: plan.size === undefined,
    rowsPerSample,
    async read(images, sample, at) {
      const loaded: Pixels[] = [];
      for (const image of images) loaded.push(await loadPixels(image, plan, at));
      const first = loaded[0]!;
      const key = `${first.height}x${first.width}`;
      if (loaded.some((pixels) => `${pixels.height}x${pixels.width}` !== key)) {
        return unequal(port, label, sample);
      }
      if (known?.key !== key) known = { key, conversion: conversionTo(target, rowsPerSample, first) };
      return convertElements(joined(loaded), sample, known.conversion);
    },
  };
}

interface Target {
  readonly port: Port;
  readonly shape: ImageShape;
  readonly options: InputOptions;
  readonly allowNonFinite: boolean;
  readonly label: string;
}

function conversionTo(target: Target, batch: number, { height, width }: Pixels): Conversion {
  const { port, shape, options, allowNonFinite, label } = target;
  const first = shape.layout === 'NCHW';
  const dims = first ? [batch, shape.channels, height, width] : [batch, height, width, shape.channels];
  const gather = gatherOf(first ? 'hwc-to-chw' : 'same', options, dims, port.name);
  const affine = affineOf(options, dims, port.name);
  return {
    from: 'uint8',
    to: port.dtype as DataType,
    dims,
    ...(gather === undefined ? {} : { gather }),
    ...(affine === undefined ? {} : { affine }),
    allowNonFinite,
    input: port.name,
    at: label,
  };
}

function imageShape(port: Port, options: InputOptions, label: string): ImageShape {
  const layout = options.layout ?? layoutOf(port.dims);
  const channels = layout === 'NCHW' ? port.dims[1] : port.dims[3];
  if (
    port.dims.length !== 4 ||
    layout === undefined ||
    (typeof channels === 'number' && ![1, 3, 4].includes(channels))
  ) {
    return fail({
      code: 'data-shape-mismatch',
      at: label,
      message: `input ${port.name} is ${dimsText(port.dims)}, which is no batch of images of 1, 3 or 4 channels`,
      hint: 'Set layout to NCHW or NHWC if it is one; else give the data as .npz or .npy arrays.',
    });
  }
  const [height, width] = layout === 'NCHW' ? [port.dims[2], port.dims[3]] : [port.dims[1], port.dims[2]];
  return { layout, channels: typeof channels === 'number' ? channels : 3, height: known(height), width: known(width) };
}

function known(dim: number | string | undefined): number | undefined {
  return typeof dim === 'number' ? dim : undefined;
}

function joined(images: readonly Pixels[]): Uint8Array {
  const first = images[0]!.data;
  if (images.length === 1) return first;
  const out = new Uint8Array(first.length * images.length);
  for (const [at, { data }] of images.entries()) out.set(data, at * first.length);
  return out;
}

function unequal(port: Port, label: string, sample: number): never {
  return fail({
    code: 'data-shape-mismatch',
    at: label,
    message: `the images of sample ${sample} have different sizes, and input ${port.name} leaves the size open`,
    hint: 'Set size to the height and width that images are to be brought to.',
  });
}
