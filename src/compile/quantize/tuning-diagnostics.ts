import { type Diagnostic, note, warning } from '../../diagnostics/diagnostic.ts';
import { formatShare } from '../../report/format-figures.ts';
import type { Tuning } from '../../tune/tune-int8.ts';

/** Says what keeping the budget took, or that it could not be kept; nothing where everything in int8 is close enough. */
export function tuningDiagnostics(tuning: Tuning, at: string): Diagnostic[] {
  const { minSqnrDb, sqnrBefore, sqnrAfter, met, floatLayers, layers, floatMacShare, dynamicLayers } = tuning;
  if (met && floatLayers + dynamicLayers === 0) return [];
  const dynamic = dynamicLayers === 0 ? '' : ` and ${dynamicLayers} quantized dynamically`;
  const kept = `${floatLayers} of ${layers} layers (${formatShare(floatMacShare, 1)} of the multiply-accumulates) in float32${dynamic}`;
  const [before, after] = [sqnrBefore, sqnrAfter].map((decibels) => `${decibels.toFixed(1)} dB`);
  if (met) {
    return [
      note({
        code: 'tune-less-int8',
        message: `with everything in static int8 the outputs come to ${before} of float32 on the calibration data, under ${minSqnrDb} dB; they come to ${after} with ${kept}`,
        at,
        hint: 'The list of what was kept says what each of them costs. --no-tune keeps everything in int8, --min-sqnr sets the budget.',
      }),
    ];
  }
  return [
    warning({
      code: 'tune-budget-missed',
      message: `int8 does not come to ${minSqnrDb} dB of float32 on the calibration data: ${before} with everything in static int8, ${after} with ${kept}`,
      at,
      hint: 'Give more calibration data that is like what the model will see, try --quantize int8-dynamic or float16, or leave --quantize out.',
    }),
  ];
}
