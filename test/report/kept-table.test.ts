import { expect, it } from 'vitest';
import { keptTable, tuningText } from '../../src/report/kept-table.ts';

const tuning = {
  minSqnrDb: 20,
  met: true,
  sqnrBefore: 7.52,
  sqnrAfter: 21.03,
  floatLayers: 3,
  layers: 113,
  dynamicLayers: 0,
  floatMacShare: 0.041,
  samples: 8,
  models: 30,
  runs: 120,
};
const quantization = { mode: 'int8', scheme: 'u8s8', observer: 'mse', quantized: {}, kept: [], skipped: null };

it('gives the figure of a sensitive layer with the reason', () => {
  const conv = { node: 'c', op: 'Conv', code: 'quantize-float-sensitivity', reason: 'why', sqnr: 4.25 };
  const { sqnr, ...other } = conv;
  expect(keptTable([conv, other]).rows).toEqual([
    ['c', 'Conv', 'quantize-float-sensitivity: why; with its block alone in int8 the outputs come to 4.3 dB'],
    ['c', 'Conv', 'quantize-float-sensitivity: why'],
  ]);
});

it('tells what a budget took, and whether it holds', () => {
  expect(tuningText(quantization)).toBeUndefined();
  expect(tuningText({ ...quantization, tuning })).toBe(
    'Outputs against float32 on 8 calibration samples, where 20 dB are wanted: 7.5 dB with everything in static int8, 21.0 dB with 3 of 113 layers (4.1% of their multiply-accumulates) in float32. 30 models were tried, in 120 runs.',
  );
  const missed = tuningText({ ...quantization, tuning: { ...tuning, met: false, sqnrAfter: 12, dynamicLayers: 2 } });
  expect(missed).toContain('12.0 dB with 3 of 113 layers');
  expect(missed).toContain('in float32, 2 quantized anew in every run. The budget is missed.');
  const enough = { ...tuning, sqnrBefore: 31, sqnrAfter: 31, floatLayers: 0, floatMacShare: 0, models: 1, runs: 8 };
  expect(tuningText({ ...quantization, tuning: enough })).toMatch(/: 31\.0 dB with everything in static int8\.$/);
});
