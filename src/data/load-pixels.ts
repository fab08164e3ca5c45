import { extname } from 'node:path';
import { fail, ModelpressError } from '../diagnostics/modelpress-error.ts';
import { decodeBmp, PIXEL_LIMIT, type Pixels } from './decode-bmp.ts';
import { readWholeFile } from './file-source.ts';

/** How an image comes to the size and the channels that a model takes. */
export interface PixelsPlan {
  /** 1 for grey, 3 for RGB, 4 for RGB and alpha. */
  readonly channels: number;
  /** Absent: the image keeps its size. */
  readonly size?: { readonly height: number; readonly width: number };
  readonly resize: 'stretch' | 'crop' | 'fit';
  readonly cropFraction: number;
  readonly padding: number;
  readonly interpolation: 'nearest' | 'linear' | 'cubic' | 'lanczos';
}

const KERNELS = { nearest: 'nearest', linear: 'linear', cubic: 'cubic', lanczos: 'lanczos3' } as const;

/**
 * Decodes an image file, or takes pixels as they are, and brings them to the plan's size and channels.
 *
 * As the loaders that most models are trained with do: colours are taken as stored (no ICC conversion), the orientation
 * note of cameras is not followed, alpha is dropped, and grey is 0.299 R + 0.587 G + 0.114 B (ITU-R BT.601).
 *
 * @throws ModelpressError `data-image-decode` when the file is no readable image, `data-image-library` when the image
 *   library is not installed.
 */
export async function loadPixels(image: string | Pixels, plan: PixelsPlan, at: string): Promise<Pixels> {
  const sharp = await imageLibrary();
  const limits = { failOn: 'error', limitInputPixels: PIXEL_LIMIT, ignoreIcc: true } as const;
  try {
    const bitmap = typeof image === 'string' && extname(image).toLowerCase() === '.bmp';
    const raw = bitmap ? decodeBmp(readWholeFile(image), at) : image;
    let work = (typeof raw === 'string' ? sharp(raw, limits) : fromPixels(sharp, raw)).toColourspace('srgb');
    work = plan.channels === 4 ? work.ensureAlpha() : work.removeAlpha();
    if (plan.size !== undefined) {
      // Scaling would mix the colours by their alpha, so alpha has to be gone before.
      const mixed = typeof raw === 'string' && plan.channels !== 4 && (await work.metadata()).hasAlpha;
      work = resized(mixed ? fromPixels(sharp, await decoded(work)) : work, plan, plan.size);
    }
    return withChannels(await decoded(work), plan.channels);
  } catch (cause) {
    if (cause instanceof ModelpressError) throw cause;
    return fail(
      {
        code: 'data-image-decode',
        at,
        message: `the image cannot be decoded: ${cause instanceof Error ? cause.message : String(cause)}`,
        hint: 'Remove the file or save it again as PNG or JPEG.',
      },
      cause,
    );
  }
}

type Work = import('sharp').Sharp;

function fromPixels(sharp: typeof import('sharp').default, { data, width, height, channels }: Pixels): Work {
  return sharp(data, { raw: { width, height, channels: channels as 1 | 2 | 3 | 4 } });
}

async function decoded(work: Work): Promise<Pixels> {
  const { data, info } = await work.raw({ depth: 'uchar' }).toBuffer({ resolveWithObject: true });
  return { data, height: info.height, width: info.width, channels: info.channels };
}

function resized(work: Work, plan: PixelsPlan, { height, width }: { height: number; width: number }): Work {
  const keep = plan.resize === 'crop' ? plan.cropFraction : 1;
  const scaled = { height: Math.round(height / keep), width: Math.round(width / keep) };
  const grey = plan.padding;
  const whole = work.resize({
    ...scaled,
    fit: ({ stretch: 'fill', crop: 'cover', fit: 'contain' } as const)[plan.resize],
    kernel: KERNELS[plan.interpolation],
    background: { r: grey, g: grey, b: grey, alpha: 1 },
    fastShrinkOnLoad: false,
  });
  const top = Math.floor((scaled.height - height) / 2);
  const left = Math.floor((scaled.width - width) / 2);
  return keep === 1 ? whole : whole.extract({ top, left, height, width });
}

async function imageLibrary(): Promise<typeof import('sharp').default> {
  try {
    return (await import('sharp')).default;
  } catch (cause) {
    return fail(
      {
        code: 'data-image-library',
        message: 'images need the package sharp, which cannot be loaded here',
        hint: 'Run npm install sharp, or give the data as .npz or .npy arrays.',
      },
      cause,
    );
  }
}

function withChannels(pixels: Pixels, wanted: number): Pixels {
  const { data, channels: found } = pixels;
  if (found === wanted) return pixels;
  const count = pixels.height * pixels.width;
  const out = new Uint8Array(count * wanted);
  for (let pixel = 0; pixel < count; pixel++) {
    const red = data[pixel * found]!;
    if (wanted === 1) {
      out[pixel] =
        found < 3 ? red : Math.round(0.299 * red + 0.587 * data[pixel * found + 1]! + 0.114 * data[pixel * found + 2]!);
    } else {
      for (let c = 0; c < wanted; c++) out[pixel * wanted + c] = c === 3 ? 255 : red;
    }
  }
  return { ...pixels, data: out, channels: wanted };
}
