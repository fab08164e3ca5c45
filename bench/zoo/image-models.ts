import { join } from 'node:path';
import type { DatasetOptions } from '../../src/data/dataset-options.ts';
import { ZOO } from './zoo-folder.ts';

/** A model of the zoo that takes photographs, and how it wants them. */
export interface ImageModel {
  readonly model: string;
  readonly options: DatasetOptions;
}

const UNIT = { scale: 1 / 255 };
/** From -1 to 1. */
const SIGNED_UNIT = { scale: 2 / 255, mean: 1 };
const IMAGENET = { ...UNIT, mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] };

/** Models for photographs that the zoo has no labels for; what is done to an image is what each model's source says. */
export const IMAGE_MODELS: readonly ImageModel[] = [
  { model: 'mlperf-vww-mobilenetv1', options: UNIT },
  { model: 'mobilenetv1-025-224', options: SIGNED_UNIT },
  { model: 'mobilenetv2-100-224', options: {} },
  { model: 'mobilenetv2-qdq', options: IMAGENET },
  { model: 'deeplab-dm05-portrait', options: SIGNED_UNIT },
  { model: 'fastestdet', options: { ...UNIT, channelOrder: 'BGR' } },
  { model: 'fastestdet-external-multifile', options: { ...UNIT, channelOrder: 'BGR' } },
  { model: 'ultraface-rfb-320', options: { mean: 127, std: 128 } },
  { model: 'ultraface-slim-320', options: { mean: 127, std: 128 } },
  { model: 'yolox-nano', options: { channelOrder: 'BGR', resize: 'fit', padding: 114 } },
  { model: 'superres-pytorch-opset10', options: UNIT },
  { model: 'lowlight-zerodce', options: UNIT },
  { model: 'style-candy', options: {} },
];

/** The zoo's photographs. */
export const PHOTOGRAPHS = join(ZOO, 'data', 'images');
