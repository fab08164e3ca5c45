import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { optimize } from '../../../src/index.ts';
import { manifestSchema } from '../../../src/report/manifest-schema.ts';
import { temporaryFolders } from '../../data/temporary-folder.ts';

const folderWith = temporaryFolders();
const FIXTURES = join(import.meta.dirname, '../../../fixtures');

describe('the device artifact', () => {
  it.each([
    ['int8', 'float32', 'int8', 25],
    ['int16', 'quantized', 'int16x8', 25],
  ] as const)('computes with %s and has %s borders', async (deviceActivations, devicePorts, precision, decibels) => {
    const output = join(folderWith({}), 'output');
    const { report } = await optimize(join(FIXTURES, 'models/digits-convnet.onnx'), {
      output,
      quantize: 'int8',
      target: ['device'],
      calibrate: join(FIXTURES, 'data/digits-calibration.npz'),
      validate: join(FIXTURES, 'data/digits-validation.npz'),
      calibrationSamples: 16,
      validationSamples: 50,
      measure: false,
      deviceActivations,
      devicePorts,
    });
    const variant = report.variants.find(({ target }) => target === 'device');
    expect(variant?.precision).toBe(precision);
    expect(variant?.accuracy?.sqnr).toBeGreaterThan(decibels);
    const manifest = manifestSchema.parse(JSON.parse(readFileSync(join(output, 'device', 'manifest.json'), 'utf8')));
    for (const port of [...manifest.inputs, ...manifest.outputs]) {
      expect(port.type).toBe(devicePorts === 'float32' ? 'float32' : deviceActivations);
      expect(port.scale !== undefined).toBe(devicePorts === 'quantized');
    }
  });
});
