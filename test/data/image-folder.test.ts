import { join } from 'node:path';
import sharp from 'sharp';
import { describe, expect, test } from 'vitest';
import { decodeBmp } from '../../src/data/decode-bmp.ts';
import { type DatasetModel, openDataset } from '../../src/data/open-dataset.ts';
import { toNumbers } from '../../src/ir/tensor.ts';
import { failureOf } from './failure-of.ts';
import { port } from './port.ts';
import { temporaryFolders } from './temporary-folder.ts';

const folder = temporaryFolders();

/** A PNG of the pixels given, row by row. */
async function png(width: number, height: number, channels: 1 | 3 | 4, pixels: readonly number[]): Promise<Uint8Array> {
  return await sharp(Uint8Array.from(pixels), { raw: { width, height, channels } }).png().toBuffer();
}

/** Red, green over blue, white. */
const colours = [255, 0, 0, 0, 255, 0, 0, 0, 255, 255, 255, 255];
const nhwc: DatasetModel = { inputs: [port('x', 'uint8[1,2,2,3]')] };

async function pixelsOf(files: Record<string, Uint8Array>, model: DatasetModel, index = 0): Promise<number[]> {
  const dataset = await openDataset(folder(files), model);
  return toNumbers((await dataset.sample(index)).feed.get(model.inputs[0]!.name)!);
}

describe('labels', () => {
  async function labelled(names: readonly string[], options: object = {}) {
    const image = await png(2, 2, 3, colours);
    const dataset = await openDataset(folder(Object.fromEntries(names.map((name) => [name, image]))), {
      ...nhwc,
      options,
    });
    const found: unknown[] = [];
    for await (const { label } of dataset.samples()) found.push(label?.kind === 'class' ? label.index : label?.kind);
    return { found, dataset };
  }

  test('are the places of the sorted sub-folders', async () => {
    const { found, dataset } = await labelled(['dog/a.png', 'cat/b.png', 'cat/a.png']);
    expect([found, dataset.classNames, dataset.origin]).toEqual([[0, 0, 1], ['cat', 'dog'], 'images']);
  });

  test('are their numbers', async () => {
    expect((await labelled(['10/a.png', '2/a.png'])).found).toEqual([10, 2]);
  });

  test('are their places in the list', async () => {
    const { found, dataset } = await labelled(['dog/a.png', 'cat/b.png'], { classes: ['cow', 'dog', 'cat'] });
    expect([found, dataset.classNames]).toEqual([
      [2, 1],
      ['cow', 'dog', 'cat'],
    ]);
  });

  test('are not there without sub-folders', async () => {
    const { found, dataset } = await labelled(['a.png', 'b.png']);
    expect([found, dataset.classNames]).toEqual([[undefined, undefined], undefined]);
  });

  test('that are not in the list are an error', async () => {
    expect((await failureOf(() => labelled(['dog/a.png'], { classes: ['cat'] }))).code).toBe('data-labels');
  });

  test('of a fixed batch are values, and what is left over is told', async () => {
    const image = await png(2, 2, 3, colours);
    const path = folder({ 'a/1.png': image, 'a/2.png': image, 'b/1.png': image, 'note.png': image });
    const dataset = await openDataset(path, { inputs: [port('x', 'uint8[2,2,2,3]')] });
    expect([dataset.size, (await dataset.sample(0)).label]).toEqual([1, { kind: 'classes', indices: [0, 0] }]);
    expect(dataset.notes.map((note) => note.code)).toEqual(['data-files-skipped', 'data-rows-dropped']);
  });
});

describe('pixels', () => {
  test('as they are, channels last', async () => {
    expect(await pixelsOf({ 'a.png': await png(2, 2, 3, colours) }, nhwc)).toEqual(colours);
  });

  test('channels first, BGR, normalised', async () => {
    const options = { scale: 1 / 255, mean: [0, 0.5, 1], channelOrder: 'BGR' as const };
    const model = { inputs: [port('x', 'float32[N,3,2,2]')], options };
    const [blue, green, red] = [
      [0, 0, 1, 1],
      [-0.5, 0.5, -0.5, 0.5],
      [0, -1, -1, 0],
    ];
    expect(await pixelsOf({ 'a.png': await png(2, 2, 3, colours) }, model)).toEqual([...blue!, ...green!, ...red!]);
  });

  test('grey of BT.601 for one channel, three of grey, alpha dropped', async () => {
    const grey = { inputs: [port('x', 'uint8[1,2,2,1]')] };
    expect(await pixelsOf({ 'a.png': await png(2, 2, 3, colours) }, grey)).toEqual([76, 150, 29, 255]);
    expect(await pixelsOf({ 'a.png': await png(2, 2, 1, [1, 2, 3, 4]) }, grey)).toEqual([1, 2, 3, 4]);
    expect(await pixelsOf({ 'a.png': await png(2, 2, 1, [1, 2, 3, 4]) }, nhwc)).toEqual([
      1, 1, 1, 2, 2, 2, 3, 3, 3, 4, 4, 4,
    ]);
    const alpha = colours.flatMap((value, i) => (i % 3 === 2 ? [value, 255] : [value]));
    expect(await pixelsOf({ 'a.png': await png(2, 2, 4, alpha) }, nhwc)).toEqual(colours);
  });

  test('alpha plays no part in scaling', async () => {
    const clear = colours.flatMap((value, i) => (i % 3 === 2 ? [value, 0] : [value]));
    const small: DatasetModel = { inputs: [port('x', 'uint8[1,1,1,3]')], options: { layout: 'NHWC' } };
    const opaque = await pixelsOf({ 'a.png': await png(2, 2, 3, colours) }, small);
    expect(await pixelsOf({ 'a.png': await png(2, 2, 4, clear) }, small)).toEqual(opaque);
    expect(opaque).toEqual([128, 128, 128]);
  });

  const wide = [10, 20, 30, 40, 50, 60, 70, 80];
  test.each<[string, string, object, number[]]>([
    ['stretched', 'uint8[1,2,2,1]', { resize: 'stretch', interpolation: 'nearest' }, [20, 40, 60, 80]],
    ['cut at the centre', 'uint8[1,2,2,1]', { resize: 'crop' }, [20, 30, 60, 70]],
    ['padded', 'uint8[1,4,4,1]', { resize: 'fit', padding: 9 }, [9, 9, 9, 9, ...wide, 9, 9, 9, 9]],
  ])('%s', async (_, type, options, expected) => {
    expect(await pixelsOf({ 'a.png': await png(4, 2, 1, wide) }, { inputs: [port('x', type)], options })).toEqual(
      expected,
    );
  });

  test('a share of the scaled image is kept', async () => {
    const ramp = Array.from({ length: 16 }, (_, i) => i * 10);
    const options = { resize: 'crop' as const, cropFraction: 0.5 };
    expect(
      await pixelsOf({ 'a.png': await png(4, 4, 1, ramp) }, { inputs: [port('x', 'uint8[1,2,2,1]')], options }),
    ).toEqual([50, 60, 90, 100]);
  });

  test('keep their size where the model leaves it open, or come to the one said', async () => {
    const files = { 'a.png': await png(4, 2, 1, wide) };
    const open = { inputs: [port('x', 'float32[N,3,H,W]')] };
    const dataset = await openDataset(folder(files), open);
    expect((await dataset.sample(0)).feed.get('x')!.dims).toEqual([1, 3, 2, 4]);
    expect(dataset.notes.map((note) => note.code)).toEqual(['data-image-size', 'data-image-range']);
    const sized = await openDataset(folder(files), { ...open, options: { size: [8, 6] } });
    expect((await sized.sample(0)).feed.get('x')!.dims).toEqual([1, 3, 8, 6]);
  });

  test('JPEG and WebP decode to nearly the same', async () => {
    const flat = sharp({ create: { width: 8, height: 8, channels: 3, background: { r: 200, g: 100, b: 50 } } });
    const files = { 'a.jpg': await flat.jpeg().toBuffer(), 'b.webp': await flat.webp().toBuffer() };
    for (const index of [0, 1]) {
      const [red, green, blue] = await pixelsOf(files, nhwc, index);
      expect(Math.abs(red! - 200) + Math.abs(green! - 100) + Math.abs(blue! - 50)).toBeLessThan(9);
    }
  });
});

describe('what is refused', () => {
  const image = Promise.resolve(png(2, 2, 3, colours));
  test.each<[string, DatasetModel, string]>([
    ['two inputs', { inputs: [port('x', 'uint8[1,2,2,3]'), port('z', 'float32[1]')] }, 'data-input-missing'],
    ['no image input', { inputs: [port('x', 'float32[1,40]')] }, 'data-shape-mismatch'],
    ['five channels', { inputs: [port('x', 'float32[1,5,32,32]')] }, 'data-shape-mismatch'],
    ["a size that is not the model's", { ...nhwc, options: { size: [4, 4] } }, 'data-options'],
    ['pixels that do not fit', { inputs: [port('x', 'int8[1,2,2,3]')] }, 'data-lossy'],
  ])('%s', async (_, model, code) => {
    const path = folder({ 'a.png': await image });
    expect((await failureOf(async () => (await openDataset(path, model)).sample(0))).code).toBe(code);
  });

  test('a damaged image is named', async () => {
    const whole = await sharp({ create: { width: 64, height: 64, channels: 3, background: 'red' } })
      .jpeg()
      .toBuffer();
    const path = folder({
      'cat/a.jpg': whole,
      'cat/b.jpg': whole.subarray(0, whole.length / 2),
      'cat/c.png': 'no image',
    });
    const dataset = await openDataset(path, nhwc);
    await dataset.sample(0);
    for (const [index, file] of [
      [1, 'b.jpg'],
      [2, 'c.png'],
    ] as const) {
      const failure = await failureOf(() => dataset.sample(index));
      expect([failure.code, failure.at]).toEqual(['data-image-decode', join(path, 'cat', file)]);
    }
  });
});

describe('Windows bitmaps', () => {
  /** A bitmap of 2x2 pixels: bottom row first, rows padded to four bytes. */
  function bitmap(
    bits: number,
    rows: readonly number[],
    { height = 2, compression = 0, between = [] as readonly number[] } = {},
  ): Uint8Array {
    const start = 54 + between.length;
    const bytes = new Uint8Array(start + rows.length);
    const view = new DataView(bytes.buffer);
    view.setUint16(0, 0x4d42, true);
    view.setUint32(10, start, true);
    view.setUint32(14, 40, true);
    view.setInt32(18, 2, true);
    view.setInt32(22, height, true);
    view.setUint16(28, bits, true);
    view.setUint32(30, compression, true);
    bytes.set(between, 54);
    bytes.set(rows, start);
    return bytes;
  }
  const bottomUp = [255, 0, 0, 255, 255, 255, 0, 0, 0, 0, 255, 0, 255, 0, 0, 0];
  const masks = [0, 0, 255, 0, 0, 255, 0, 0, 255, 0, 0, 0];
  const palette = [0, 0, 255, 0, 0, 255, 0, 0, 255, 0, 0, 0, 255, 255, 255, 0];
  const wide = [255, 0, 0, 0, 255, 255, 255, 0, 0, 0, 255, 0, 0, 255, 0, 0];

  test.each<[string, Uint8Array]>([
    ['24 bits', bitmap(24, bottomUp)],
    ['24 bits from the top', bitmap(24, [...bottomUp.slice(8), ...bottomUp.slice(0, 8)], { height: -2 })],
    ['32 bits', bitmap(32, wide)],
    ['32 bits under masks', bitmap(32, wide, { compression: 3, between: masks })],
    ['8 bits', bitmap(8, [2, 3, 0, 0, 0, 1, 0, 0], { between: palette })],
  ])('%s', async (_, bytes) => {
    expect([...decodeBmp(bytes, 'a.bmp').data]).toEqual(colours);
    expect(await pixelsOf({ 'a.bmp': bytes }, nhwc)).toEqual(colours);
  });

  test.each<[string, Uint8Array, string]>([
    ['text', new TextEncoder().encode('x'.repeat(80)), 'no Windows bitmap'],
    ['cut off', bitmap(24, bottomUp).subarray(0, 60), 'cut off'],
    ['huge', bitmap(24, bottomUp, { height: 0x7fffffff }), 'claims'],
    ['compressed', bitmap(8, bottomUp, { compression: 1 }), 'compression 1'],
    ['under other masks', bitmap(32, wide, { compression: 3, between: masks.toReversed() }), 'masks of its own'],
    ['outside of the palette', bitmap(8, [9, 9, 0, 0, 9, 9, 0, 0], { between: palette }), 'no colour'],
  ])('%s', async (_, bytes, message) => {
    const failure = await failureOf(() => decodeBmp(bytes, 'a.bmp'));
    expect([failure.code, failure.message]).toEqual(['data-image-decode', expect.stringContaining(message)]);
  });
});
