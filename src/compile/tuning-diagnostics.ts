import { type Diagnostic, note, warning } from '../diagnostics/diagnostic.ts';
import { formatShare } from '../report/format-figures.ts';
import type { Tuning } from '../tune/tune-int8.ts';

/** Says what keeping the budget took, or that it could not be kept; nothing where everything in int8 is close enough. */
export function tuningDiagnostics(tuning: Tuning, at: string): Diagnostic[] {
  const { minSqnrDb, sqnrBefore, sqnrAfter, met, floatLayers, layers, floatMacShare } = tuning;
  if (met && floatLayers === 0) return [];
  const share = floatMacShare === null ? '' : ` (${formatShare(floatMacShare, 1)} of the multiply-accumulates)`;
  const kept = `${floatLayers} of ${layers} layers${share}`;
  const [before, after] = [sqnrBefore, sqnrAfter].map((decibels) => `${decibels.toFixed(1)} dB`);
  if (met) {
    return [
      note({
        code: 'tune-layers-in-float',
        message: `${kept} stay in float32: with everything in int8 the outputs come to ${before} of float32 on the calibration data, under ${minSqnrDb} dB; now they come to ${after}`,
        at,
        hint: 'The list of what was kept says what each of them costs. --no-tune keeps everything in int8, --min-sqnr sets the budget.',
      }),
    ];
  }
  return [
    warning({
      code: 'tune-budget-missed',
      message: `int8 does not come to ${minSqnrDb} dB of float32 on the calibration data: ${before} with everything in int8, ${after} with ${kept} in float32`,
      at,
      hint: 'Give more calibration data that is like what the model will see, try --quantize int8-dynamic or float16, or leave --quantize out.',
    }),
  ];
}
