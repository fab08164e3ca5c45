import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { DatasetOptions } from '../../src/data/dataset-options.ts';
import { fileSource } from '../../src/data/file-source.ts';
import { readNpy, writeNpy } from '../../src/data/npy.ts';
import { readNpz } from '../../src/data/npz.ts';
import { type DatasetModel, openDataset } from '../../src/data/open-dataset.ts';
import { takeSamples } from '../../src/data/subset-dataset.ts';
import { synthesizeDataset } from '../../src/data/synthesize-dataset.ts';
import { elementCount, type Tensor, tensorFromElements, toNumbers } from '../../src/ir/tensor.ts';
import { openOrtSession } from '../../src/runtime/onnxruntime-node.ts';
import type { OutputValue, Session } from '../../src/runtime/session.ts';

const zoo = resolve(process.env.MODELPRESS_ZOO ?? '../shared/zoo');
const absent = !existsSync(join(zoo, 'index.json'));

async function withModel<T>(model: string, use: (session: Session) => Promise<T>): Promise<T> {
  const session = await openOrtSession(join(zoo, 'models', model, 'model.onnx'));
  try {
    return await use(session);
  } finally {
    await session.close();
  }
}

/** The class that an output gives: itself, or the place of the largest score. */
function predicted(output: OutputValue): number {
  const values = toNumbers(output as Tensor);
  return values.length === 1 ? values[0]! : values.indexOf(Math.max(...values));
}

const unit: DatasetOptions = { scale: 1 / 255 };
const normalised: DatasetOptions = { scale: 1 / 255, mean: 0.1307, std: 0.3081 };

describe.skipIf(absent)(`the zoo's data opens for its models${absent ? ` (skipped: no ${zoo})` : ''}`, () => {
  // The share right is of the first samples, or of all where the zoo's index gives it for all of them.
  test.each<[string, string, DatasetOptions, number, number]>([
    ['mnist-cntk', 'mnist-t10k', {}, 10_000, 0.95],
    ['mnist-burn-bn', 'mnist-t10k', normalised, 10_000, 0.95],
    ['mnist-keras-tf2onnx', 'mnist-t10k', unit, 10_000, 0.95],
    ['cifar-winml-tutorial', 'cifar10-lossless', { scale: 1 / 255, mean: 0.5, std: 0.5 }, 300, 0.653],
    ['mlperf-ic-resnet8', 'cifar10-lossless', {}, 300, 0.89],
    ['mlperf-ic-resnet8-qdq', 'cifar10-lossless', { mean: 128 }, 300, 0.883],
    ['sevenseg-mobilenetv2', '7segment-64', { ...unit, resize: 'stretch' }, 2200, 0.95],
    ['arm-kws-ds-cnn-l', 'kws-clips-mfcc', {}, 4, 0.75],
    ['arm-kws-gru-s', 'kws-clips-mfcc', {}, 4, 0.75],
    ['magika-v3_3', 'magika-files', {}, 1525, 0.95],
    ['iris-pytorch-mlp', 'iris', {}, 150, 0.98],
    ['iris-sklearn-randomforest', 'iris', {}, 150, 0.986],
    ['wine-xgboost-tree', 'wine', {}, 178, 1],
    ['hand-keypoint-mlp', 'hand-keypoints', {}, 4450, 0.93],
    ['adult-logreg-pipeline', 'adult-test', {}, 16_281, 0.78],
    ['adult-lightgbm', 'adult-test', {}, 16_281, 0.8],
    ['adult-mlp', 'adult-test', {}, 16_281, 0.78],
    ['banknote-svc', 'banknote-test', {}, 372, 1],
    ['fsdd-conv-bigru', 'fsdd-test-features', {}, 300, 0.983],
  ])('%s on %s', async (model, data, options, size, least) => {
    await withModel(model, async (session) => {
      const { inputs, outputs } = session;
      const dataset = await openDataset(join(zoo, 'data', data), { inputs, outputs, options });
      expect(dataset.size).toBe(size);
      let right = 0;
      const some = size <= 400 ? dataset : takeSamples(dataset, 200, 1);
      const scores = outputs.find((port) => port.name === 'probabilities') ?? outputs[0]!;
      for await (const { feed, label } of some.samples()) {
        if (label?.kind !== 'class') throw new Error(`a label is ${label?.kind}`);
        const result = await session.run(feed, [scores.name]);
        if (predicted(result.get(scores.name)!) === label.index) right++;
      }
      expect(right / some.size).toBeGreaterThanOrEqual(least);
    });
  });

  test.each<[string, string, DatasetOptions, number]>([
    ['captcha-crnn', 'data/captcha-2000', {}, 2000],
    ['mlperf-ad-autoencoder', 'data/toycar-normal-id01', { window: { length: 5 } }, 196],
    ['stories260k-torchscript', 'data/stories260k-ids', { window: { length: 32, stride: 32 } }, 6],
    ['ultraface-rfb-320', 'data/images', { mean: 127, std: 128 }, 55],
  ])('%s on %s, which has no labels', async (model, data, options, size) => {
    await withModel(model, async (session) => {
      const dataset = await openDataset(join(zoo, data), { inputs: session.inputs, options });
      expect(dataset.size).toBe(size);
      const { feed, label } = await dataset.sample(size - 1);
      expect([label, (await session.run(feed)).size]).toEqual([undefined, session.outputs.length]);
    });
  });

  test('an archive under the name of the input, with what another runtime gave', async () => {
    const path = join(zoo, 'models/byte-lstm-sbd/tract_io.npz');
    await withModel('byte-lstm-sbd', async (session) => {
      const dataset = await openDataset(path, { inputs: session.inputs });
      const expected = readNpz(path, readFileSync(path)).arrays.get('Add_26')!;
      for (let index = 0; index < 2; index++) {
        const result = await session.run((await dataset.sample(index)).feed);
        const found = toNumbers(result.get(session.outputs[0]!.name) as Tensor);
        const reference = expected.read(index * 116, 116) as Float32Array;
        expect(Math.max(...found.map((value, i) => Math.abs(value - reference[i]!)))).toBeLessThan(1e-4);
      }
    });
  });

  test('every model: its test data opens, and made-up data runs', async () => {
    const models = readdirSync(join(zoo, 'models'));
    let sets = 0;
    for (const model of models) {
      await withModel(model, async (session) => {
        const { inputs, outputs } = session;
        const ports: DatasetModel = { inputs, outputs };
        const given = await openDataset(join(zoo, 'models', model), ports);
        for await (const sample of given.samples()) {
          sets++;
          expect([model, sample.label?.kind]).toEqual([model, 'outputs']);
        }
        const made = await synthesizeDataset(inputs, { seed: 1, samples: 1 }).sample(0);
        const tensors = outputs.filter((port) => port.dtype !== 'non-tensor').map((port) => port.name);
        expect([model, (await session.run(made.feed, tensors)).size]).toEqual([model, tensors.length]);
      });
    }
    expect([models.length, sets]).toEqual([61, 104]);
  });

  test('arrays that NumPy wrote come out of our writer byte for byte', () => {
    for (const path of [
      'iris/x.npy',
      'iris/y.npy',
      'mnist-t10k/y.npy',
      'cifar10-lossless/x.npy',
      'magika-files/x.npy',
    ]) {
      const file = join(zoo, 'data', path);
      const array = readNpy('x', fileSource(file));
      const values = array.read(0, elementCount(array.dims)) as Float32Array;
      expect(Buffer.compare(readFileSync(file), writeNpy(tensorFromElements(array.dtype, array.dims, values)))).toBe(0);
    }
  });
});
