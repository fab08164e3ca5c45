import type { RankedCandidate } from '../../../report/browser-choice-schema.ts';
import { formatBytes, formatMilliseconds } from '../../../report/format-figures.ts';

/** A candidate as it was measured, not yet ranked. */
export type MeasuredCandidate = Omit<RankedCandidate, 'seconds'>;

/** The connection that downloads are weighed at, in bytes per second: 20 Mbit/s, an ordinary mobile connection. */
const BYTES_PER_SECOND = 2_500_000;

/** Predictions of one visit that latency is weighed with: a few seconds of a camera's frames, or a form and its changes. */
const PREDICTIONS = 100;

/** How candidates are ranked, as the manifest says it. */
export const RANKING_RULE =
  `Candidates whose accuracy is within the budget come first. Among them counts the time in which a first visitor has ` +
  `${PREDICTIONS} answers: model and runtime, compressed with brotli, at ${(BYTES_PER_SECOND * 8) / 1e6} Mbit/s, and ` +
  `${PREDICTIONS} times the median latency.`;

/** The ranking, and why it begins as it does. */
export interface BrowserRanking {
  readonly candidates: readonly RankedCandidate[];
  readonly choice: string;
}

/**
 * Ranks candidates by the rule above, all of them: what is offered does not depend on times. The first of `measured` is
 * the float32 form in onnxruntime-web, which wins ties.
 *
 * @param measured at least one; where latency is missing from any, downloads alone decide.
 */
export function rankCandidates(measured: readonly MeasuredCandidate[]): BrowserRanking {
  const timed = measured.every(({ latency }) => latency !== null);
  const scored = measured.map((candidate) => {
    const { download, latency } = candidate;
    const transfer = (download.model + download.runtime) / BYTES_PER_SECOND;
    return {
      candidate: { ...candidate, seconds: timed ? transfer + (PREDICTIONS * (latency ?? 0)) / 1000 : null },
      score: timed ? transfer + (PREDICTIONS * (latency ?? 0)) / 1000 : transfer,
    };
  });
  const [float] = scored;
  if (float === undefined) throw new RangeError('a ranking without candidates');
  // The sort is stable: of equals, the float32 form stays first.
  const ranked = scored.toSorted(
    (a, b) => Number(b.candidate.accurate) - Number(a.candidate.accurate) || a.score - b.score,
  );
  const candidates = ranked.map(({ candidate }) => candidate);
  return { candidates, choice: explain(candidates, float.candidate, timed) };
}

function explain(candidates: readonly RankedCandidate[], float: MeasuredCandidate, timed: boolean): string {
  const [first] = candidates;
  if (first === undefined) throw new RangeError('a ranking without candidates');
  if (candidates.length === 1) return `${first.file} is the only one worth having.`;
  const figures = ({ file, runtime, precision, download, latency }: MeasuredCandidate): string =>
    `${file} (${precision} in ${runtime}): ${formatBytes(download.model)} of model and ${formatBytes(download.runtime)} of runtime to ` +
    `download${latency === null ? '' : `, ${formatMilliseconds(latency)} for a prediction`}`;
  const compared = first.file === float.file ? candidates[1]! : float;
  const why = timed
    ? `it gives a first visitor ${PREDICTIONS} answers soonest`
    : 'it is the smallest; latency was not measured';
  return `${first.file} is the default because ${why}. ${figures(first)}; ${figures(compared)}.`;
}
