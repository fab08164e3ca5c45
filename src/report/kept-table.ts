import type { TextTable } from './comparison-table.ts';
import { formatShare } from './format-figures.ts';
import type { Report } from './report-schema.ts';

type Quantization = NonNullable<Report['quantization']>;

/** The nodes that stayed in floating point, with the reason, and what those that are sensitive cost. */
export function keptTable(kept: Quantization['kept']): TextTable {
  const figure = (sqnr: number | undefined): string =>
    sqnr === undefined ? '' : `; with its block alone in int8 the outputs come to ${sqnr.toFixed(1)} dB`;
  return {
    head: ['node', 'operator', 'why'],
    rows: kept.map(({ node, op, code, reason, sqnr }) => [node, op, `${code}: ${reason}${figure(sqnr)}`]),
  };
}

/** What the budget of the outputs' signal-to-noise ratio took; undefined where nothing was compared. */
export function tuningText({ tuning }: Quantization): string | undefined {
  if (tuning === undefined) return undefined;
  const { minSqnrDb, sqnrBefore, sqnrAfter, met, floatLayers, layers, dynamicLayers, floatMacShare } = tuning;
  const budget = `Outputs against float32 on ${tuning.samples} calibration samples, where ${minSqnrDb} dB are wanted: ${sqnrBefore.toFixed(1)} dB with everything in static int8`;
  if (tuning.models === 1) return `${budget}.`;
  const dynamic = dynamicLayers === 0 ? '' : `, ${dynamicLayers} quantized anew in every run`;
  const changed = `${floatLayers} of ${layers} layers (${formatShare(floatMacShare, 1)} of their multiply-accumulates) in float32${dynamic}`;
  const missed = met ? '' : ' The budget is missed.';
  return `${budget}, ${sqnrAfter.toFixed(1)} dB with ${changed}.${missed} ${tuning.models} models were tried, in ${tuning.runs} runs.`;
}
