import { SQNR_BOUND_DB, sqnr } from '../validate/metrics/signal-to-noise.ts';
import { compareOutputs } from '../validate/scoring/compare-outputs.ts';
import type { OutputContent, OutputContents } from '../validate/scoring/output-content.ts';

/**
 * Squared differences over squares of the worst output, pooled over samples: the reciprocal of the signal-to-noise
 * ratio. Outputs that are zero throughout have no signal to compare with. Indices and texts are judged only where a model
 * gives nothing else, by the share that differs. Infinite where an output is missing, misshapen or not finite.
 *
 * @param expected the outputs of each sample, `found` those that should agree with them.
 */
export function outputNoise(expected: readonly OutputContents[], found: readonly OutputContents[]): number {
  const all = [...new Set(expected.flatMap((outputs) => [...outputs.keys()]))];
  const numbers = all.filter((name) => expected.every((outputs) => outputs.get(name)?.nature !== 'labels'));
  const judged = numbers.filter((name) => expected.every((outputs) => outputs.get(name)?.nature !== 'text'));
  const noises = (judged.length > 0 ? judged : all).map((name) => noiseOfOutput(name, expected, found));
  return Math.max(0, ...noises);
}

/** Noise as the ratio that people read, in decibels, bounded so that JSON can hold it. */
export function decibelsOf(noise: number): number {
  return Math.max(-SQNR_BOUND_DB, Math.min(SQNR_BOUND_DB, -10 * Math.log10(noise)));
}

/** The noise that a ratio in decibels allows. */
export function noiseAt(decibels: number): number {
  return 10 ** (-decibels / 10);
}

function noiseOfOutput(name: string, expected: readonly OutputContents[], found: readonly OutputContents[]): number {
  let signal = 0;
  let noise = 0;
  for (const [i, outputs] of expected.entries()) {
    const own = outputs.get(name);
    if (own === undefined) continue;
    const { outcome, failure } = compareOutputs(own, found[i]?.get(name));
    if (failure !== undefined) return Number.POSITIVE_INFINITY;
    const record = own.nature === 'numbers' ? sqnr.record(outcome) : mismatches(own, outcome.actual);
    signal += record[0]!;
    noise += record[1]!;
  }
  return signal === 0 ? 0 : noise / signal;
}

/** How many elements there are, and how many of them differ. */
function mismatches(own: OutputContent, actual: ArrayLike<number>): readonly number[] {
  const want = own.nature === 'text' ? undefined : own.values;
  let differing = 0;
  for (let i = 0; i < actual.length; i++) if (actual[i] !== (want?.[i] ?? 0)) differing++;
  return [actual.length, differing];
}
