import { fail } from '../diagnostics/modelpress-error.ts';

/** An image of 8-bit samples, row by row, the channels of a pixel side by side. */
export interface Pixels {
  readonly height: number;
  readonly width: number;
  readonly channels: number;
  readonly data: Uint8Array;
}

/** Most pixels of an image, as many as a square of 16,384: against files that claim to be larger than memory. */
export const PIXEL_LIMIT = 2 ** 28;

/** Bytes of the file header before the one that describes the image. */
const FILE_HEADER = 14;

/** Pixels stored as they are, and as they are under masks, which 32-bit images of most writers say they have. */
const UNCOMPRESSED: readonly number[] = [0, 3];

/**
 * The RGB pixels of a Windows bitmap of 8 (with palette), 24 or 32 bits per pixel, uncompressed, which the image library
 * does not read. Masks other than blue, green, red in this order are refused; a fourth byte is dropped.
 *
 * @throws ModelpressError `data-image-decode`.
 */
export function decodeBmp(bytes: Uint8Array, at: string): Pixels {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.byteLength < FILE_HEADER + 40 || view.getUint16(0, true) !== 0x4d42)
    return refuse(at, 'it is no Windows bitmap');
  const start = view.getUint32(10, true);
  const headerSize = view.getUint32(14, true);
  const width = view.getInt32(18, true);
  const signedHeight = view.getInt32(22, true);
  const bits = view.getUint16(28, true);
  const compression = view.getUint32(30, true);
  const height = Math.abs(signedHeight);
  if (headerSize < 40 || ![8, 24, 32].includes(bits) || !UNCOMPRESSED.includes(compression)) {
    return refuse(at, `a bitmap of ${bits} bits with compression ${compression} is not supported`);
  }
  const masks = FILE_HEADER + 40;
  if (compression === 3) {
    const usual =
      bits === 32 &&
      start >= masks + 12 &&
      [0xff0000, 0xff00, 0xff].every((mask, i) => view.getUint32(masks + 4 * i, true) === mask);
    if (!usual) return refuse(at, 'a bitmap with colour masks of its own is not supported');
  }
  const stride = Math.ceil((width * bits) / 32) * 4;
  if (width < 1 || height < 1 || width * height > PIXEL_LIMIT) return refuse(at, `it claims ${width}x${height} pixels`);
  if (start + stride * height > bytes.byteLength) return refuse(at, `it is cut off at byte ${bytes.byteLength}`);
  const palette = FILE_HEADER + headerSize;
  const data = new Uint8Array(width * height * 3);
  const step = bits / 8;
  for (let row = 0; row < height; row++) {
    const line = start + stride * (signedHeight > 0 ? height - 1 - row : row);
    for (let column = 0; column < width; column++) {
      const place = line + column * step;
      const colour = bits === 8 ? palette + 4 * bytes[place]! : place;
      if (bits === 8 && colour + 3 > start) return refuse(at, `pixel ${column},${row} has no colour in the palette`);
      const to = (row * width + column) * 3;
      data[to] = bytes[colour + 2]!;
      data[to + 1] = bytes[colour + 1]!;
      data[to + 2] = bytes[colour]!;
    }
  }
  return { height, width, channels: 3, data };
}

function refuse(at: string, message: string): never {
  return fail({ code: 'data-image-decode', at, message, hint: 'Save the image again as PNG or JPEG.' });
}
