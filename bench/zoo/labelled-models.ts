import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { DatasetOptions } from '../../src/data/dataset-options.ts';
import type { DatasetSpec } from '../../src/data/open-dataset.ts';
import { ZOO } from './zoo-folder.ts';

/** A model of the zoo and the labelled data that it was made for. */
export interface LabelledModel {
  readonly model: string;
  /** Folder below the zoo's `data/`. */
  readonly data: string;
  /** How the model wants its inputs; as they are where absent. */
  readonly options?: DatasetOptions;
}

const UNIT = { scale: 1 / 255 };
/** Mean and standard deviation of MNIST's training pixels, in units of 255. */
const MNIST_NORMAL = { ...UNIT, mean: 0.1307, std: 0.3081 };

/** Every model that the zoo has labelled inputs for. Scales are those of each model's own training. */
export const LABELLED_MODELS: readonly LabelledModel[] = [
  { model: 'mnist-cntk', data: 'mnist-t10k' },
  { model: 'mnist-pytorch-opset9', data: 'mnist-t10k' },
  { model: 'mnist-burn-bn', data: 'mnist-t10k', options: MNIST_NORMAL },
  { model: 'mnist-dynamo-external', data: 'mnist-t10k', options: MNIST_NORMAL },
  { model: 'mnist-keras-tf2onnx', data: 'mnist-t10k', options: UNIT },
  { model: 'mnist-selfattention', data: 'mnist-t10k', options: UNIT },
  { model: 'mnist-dynquant', data: 'mnist-t10k', options: UNIT },
  { model: 'cifar-winml-tutorial', data: 'cifar10-lossless', options: { ...UNIT, mean: 0.5, std: 0.5 } },
  { model: 'mlperf-ic-resnet8', data: 'cifar10-lossless' },
  { model: 'mlperf-ic-resnet8-qdq', data: 'cifar10-lossless', options: { mean: 128 } },
  { model: 'sevenseg-mobilenetv2', data: '7segment-64', options: { ...UNIT, resize: 'stretch' } },
  { model: 'arm-kws-ds-cnn-l', data: 'kws-clips-mfcc' },
  { model: 'arm-kws-crnn-s', data: 'kws-clips-mfcc' },
  { model: 'arm-kws-gru-s', data: 'kws-clips-mfcc' },
  { model: 'arm-kws-basic-lstm-s', data: 'kws-clips-mfcc' },
  { model: 'fsdd-conv-bigru', data: 'fsdd-test-features' },
  { model: 'magika-v3_3', data: 'magika-files' },
  { model: 'hand-keypoint-mlp', data: 'hand-keypoints' },
  { model: 'iris-pytorch-mlp', data: 'iris' },
  { model: 'iris-sklearn-randomforest', data: 'iris' },
  { model: 'wine-xgboost-tree', data: 'wine' },
  { model: 'adult-mlp', data: 'adult-test' },
  { model: 'adult-lightgbm', data: 'adult-test' },
  { model: 'adult-logreg-pipeline', data: 'adult-test' },
  { model: 'banknote-svc', data: 'banknote-test' },
];

/** Where a model's data is: the archive in its folder, or the folder of arrays itself. */
export function labelledData({ data, options }: LabelledModel): DatasetSpec {
  const folder = join(ZOO, 'data', data);
  const archive = readdirSync(folder).find((name) => name.endsWith('.npz'));
  const path = archive === undefined ? folder : join(folder, archive);
  return { path, ...(options === undefined ? {} : { options }) };
}
