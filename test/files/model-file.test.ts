import {
  existsSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { onnx } from 'onnx-proto';
import { describe, expect, it } from 'vitest';
import { bytesSource } from '../../src/bytes/byte-source.ts';
import { ModelpressError } from '../../src/diagnostics/modelpress-error.ts';
import { openModelFile } from '../../src/files/open-model-file.ts';
import { saveModelFile } from '../../src/files/save-model-file.ts';
import { differenceOfModels } from '../../src/ir/equal-models.ts';
import type { Model } from '../../src/ir/model.ts';
import { tensorBytes, tensorFromNumbers, toNumbers } from '../../src/ir/tensor.ts';
import { parseModel } from '../../src/ir/text/parse.ts';
import { countingSource } from '../bytes/counting-source.ts';
import { temporaryFolder } from './temporary-folder.ts';

const folder = temporaryFolder();

async function codeOf(action: () => unknown): Promise<string> {
  try {
    await action();
  } catch (error) {
    if (error instanceof ModelpressError) return error.code;
    throw error;
  }
  return 'none';
}

/** A model file whose only weight, float32[2], lies at `location`; the weight's bytes are 16 more than it takes. */
function modelNaming(location: string, at = folder()): string {
  const tensor = {
    name: 'w',
    dataType: 1,
    dims: [2],
    dataLocation: 1,
    externalData: [{ key: 'location', value: location }],
  };
  const bytes = onnx.ModelProto.encode({
    irVersion: 8,
    opsetImport: [{ domain: '', version: 17 }],
    graph: { initializer: [tensor] },
  }).finish();
  writeFileSync(join(at, 'model.onnx'), bytes);
  return at;
}

const open = (at: string) => openModelFile(join(at, 'model.onnx'));
const weight = (model: Model) => [...model.graph.constants()][0]!.constant!;

function withWeights(count: number): Model {
  const model = parseModel('g (float[2] x) => (float[2] y) { y = Neg (x) }');
  model.graph.addConstant(
    tensorFromNumbers(
      'float32',
      [count],
      Array.from({ length: count }, (_, i) => i),
    ),
    'w',
  );
  return model;
}

describe('openModelFile', () => {
  it('names what is wrong with a path', async () => {
    const at = folder();
    writeFileSync(join(at, 'empty.onnx'), '');
    writeFileSync(join(at, 'data.onnx'), '{"json": true}');
    expect(await codeOf(() => openModelFile(join(at, 'none.onnx')))).toBe('onnx-file-missing');
    expect(await codeOf(() => openModelFile(at))).toBe('onnx-not-a-file');
    expect(await codeOf(() => openModelFile(join(at, 'empty.onnx')))).toBe('onnx-empty');
    expect(await codeOf(() => openModelFile(join(at, 'data.onnx')))).toBe('onnx-not-a-model');
    expect(await codeOf(() => openModelFile(join(at, 'data.onnx', 'inside')))).toMatch(/^onnx-file-/);
    expect(await codeOf(() => openModelFile('/dev/null'))).toBe('onnx-not-a-file');
  });

  it('reads a weight from the file beside the model when it is asked for', async () => {
    const at = modelNaming('sub/w.bin');
    expect(await codeOf(() => open(at))).toBe('onnx-external-data-missing');
    mkdirSync(join(at, 'sub'));
    writeFileSync(join(at, 'sub/w.bin'), new Float32Array([1, 2, 3, 4]));
    expect(toNumbers(weight(await open(at)))).toEqual([1, 2]);
  });

  it('follows no link of any kind', async () => {
    const secret = join(folder(), 'secret');
    writeFileSync(secret, new Float32Array(4));
    const soft = modelNaming('w.bin');
    symlinkSync(secret, join(soft, 'w.bin'));
    expect(await codeOf(() => open(soft))).toBe('onnx-external-data-escapes');

    const inside = modelNaming('w.bin');
    writeFileSync(join(inside, 'real'), new Float32Array(4));
    symlinkSync('real', join(inside, 'w.bin'));
    expect(await codeOf(() => open(inside))).toBe('onnx-external-data-escapes');

    const hard = modelNaming('w.bin');
    linkSync(secret, join(hard, 'w.bin'));
    expect(await codeOf(() => open(hard))).toBe('onnx-external-data-escapes');

    const parent = modelNaming('sub/secret');
    symlinkSync(join(secret, '..'), join(parent, 'sub'));
    expect(await codeOf(() => open(parent))).toBe('onnx-external-data-escapes');

    const dangling = modelNaming('w.bin');
    symlinkSync('/nowhere', join(dangling, 'w.bin'));
    expect(await codeOf(() => open(dangling))).toBe('onnx-external-data-escapes');

    const directory = modelNaming('w.bin');
    mkdirSync(join(directory, 'w.bin'));
    expect(await codeOf(() => open(directory))).toBe('onnx-external-data-escapes');
    expect(await codeOf(() => open(modelNaming('../secret')))).toBe('onnx-external-data-escapes');
  });

  it('works where the folder itself is reached by a link', async () => {
    const at = modelNaming('w.bin');
    writeFileSync(join(at, 'w.bin'), new Float32Array([5, 6]));
    const link = join(folder(), 'link');
    symlinkSync(at, link);
    expect(toNumbers(weight(await open(link)))).toEqual([5, 6]);
  });

  it('refuses another file that has taken the place of the one it checked', async () => {
    const at = modelNaming('w.bin');
    writeFileSync(join(at, 'w.bin'), new Float32Array([1, 2]));
    const model = await open(at);
    writeFileSync(join(at, 'w.bin'), new Float32Array([1, 2, 3]));
    expect(await codeOf(() => tensorBytes(weight(model)))).toBe('onnx-external-data-changed');
  });
});

describe('saveModelFile', () => {
  it('writes one file, or two, that are read as the same model', async () => {
    const at = folder();
    const model = withWeights(5000);
    expect(await saveModelFile(model, join(at, 'new/one.onnx'))).toEqual([join(at, 'new/one.onnx')]);
    const paths = await saveModelFile(model, join(at, 'two.onnx'), { external: true });
    expect(paths).toEqual([join(at, 'two.onnx'), join(at, 'two.onnx.data')]);
    expect(statSync(paths[1]!).size).toBe(20_000);
    for (const path of [join(at, 'new/one.onnx'), paths[0]!]) {
      expect(differenceOfModels(model, await openModelFile(path))).toBeUndefined();
    }
    expect(readdirSync(at).sort()).toEqual(['new', 'two.onnx', 'two.onnx.data']);
  });

  it('puts weights beside the model by itself where it would grow too large, and not below', async () => {
    const at = folder();
    expect(await saveModelFile(withWeights(5000), join(at, 'm.onnx'), { limit: 10_000 })).toHaveLength(2);
    expect(await saveModelFile(withWeights(500), join(at, 's.onnx'), { limit: 10_000 })).toHaveLength(1);
    expect(toNumbers(weight(await openModelFile(join(at, 'm.onnx')))).at(-1)).toBe(4999);
  });

  it('can replace the files that the model was read from', async () => {
    const at = folder();
    const path = join(at, 'm.onnx');
    await saveModelFile(withWeights(5000), path, { external: true });
    const model = await openModelFile(path);
    await saveModelFile(model, path, { external: { threshold: 100, align: 64 } });
    expect(toNumbers(weight(await openModelFile(path))).at(-1)).toBe(4999);
    expect(await codeOf(() => tensorBytes(weight(model)))).toBe('onnx-external-data-changed');
  });

  it('copies weights behind sources in pieces, equal ones once and each at the start of a page', async () => {
    const at = folder();
    const path = join(at, 'm.onnx');
    const model = parseModel('g (float[2] x) => (float[2] y) { y = Neg (x) }');
    const bytes = 4 * (2 ** 21 + 3);
    const contents = [1, 2, 1].map((fill) => new Uint8Array(bytes).fill(fill));
    const counts = contents.map((content, i) => {
      const counted = countingSource(bytesSource(`w${i}`, content));
      const storage = { kind: 'slice', source: counted.source, offset: 0, length: bytes } as const;
      model.graph.addConstant({ dtype: 'float32', dims: [bytes / 4], storage }, `w${i}`);
      return counted.counts;
    });
    await saveModelFile(model, path, { limit: 10_000 });
    for (const { largest } of counts) expect(largest).toBeLessThan(bytes);
    const data = readFileSync(`${path}.data`);
    const start = Math.ceil(bytes / 4096) * 4096;
    expect(data.byteLength).toBe(start + bytes);
    expect(Buffer.compare(data.subarray(0, bytes), contents[0]!)).toBe(0);
    expect(Buffer.compare(data.subarray(start), contents[1]!)).toBe(0);
    const places = [...(await openModelFile(path)).graph.constants()].map(({ constant }) => constant!.storage);
    expect(places.map((storage) => storage.kind === 'slice' && storage.offset)).toEqual([0, start, 0]);
  });

  it('leaves what was there, and nothing else, when the data ends while it is copied', async () => {
    const at = folder();
    await saveModelFile(withWeights(5000), join(at, 'm.onnx'), { external: true });
    const model = await openModelFile(join(at, 'm.onnx'));
    truncateSync(join(at, 'm.onnx.data'), 10_000);
    expect(await codeOf(() => saveModelFile(model, join(at, 'copy.onnx'), { external: true }))).toBe(
      'onnx-external-data-changed',
    );
    expect(readdirSync(at).sort()).toEqual(['m.onnx', 'm.onnx.data']);
  });

  it('leaves what was there, and nothing else, when it cannot write', async () => {
    const at = folder();
    const path = join(at, 'm.onnx');
    mkdirSync(path);
    expect(await codeOf(() => saveModelFile(withWeights(5), path))).toBe('files-unwritable');
    writeFileSync(join(at, 'file'), 'text');
    expect(await codeOf(() => saveModelFile(withWeights(5), join(at, 'file/m.onnx')))).toBe('files-unwritable');
    expect(readdirSync(at).sort()).toEqual(['file', 'm.onnx']);
    expect(readFileSync(join(at, 'file'), 'utf8')).toBe('text');
    expect(existsSync(join(at, 'file/m.onnx'))).toBe(false);
  });
});
