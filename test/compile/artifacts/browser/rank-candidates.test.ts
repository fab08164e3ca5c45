import { describe, expect, it } from 'vitest';
import { type MeasuredCandidate, rankCandidates } from '../../../../src/compile/artifacts/browser/rank-candidates.ts';

function candidate(file: string, model: number, latency: number | null, accurate = true): MeasuredCandidate {
  const download = { model, runtime: 2_500_000 };
  const own = { file, runtime: 'onnxruntime-web' as const, precision: file, files: [file], config: {}, shapes: {} };
  return { ...own, download, latency, accurate };
}

const order = (...measured: MeasuredCandidate[]): string[] =>
  rankCandidates(measured).candidates.map(({ file }) => file);

describe('the ranking of browser candidates', () => {
  it('weighs the download of a first visit against a hundred predictions', () => {
    const { candidates } = rankCandidates([candidate('float', 5_000_000, 20)]);
    // 7.5 MB at 2.5 MB/s, and 100 times 20 ms.
    expect(candidates[0]?.seconds).toBeCloseTo(3 + 2);
  });

  it.each<[string, MeasuredCandidate[], string[]]>([
    [
      'the smaller of two that are as fast',
      [candidate('float', 4e6, 10), candidate('small', 1e6, 10)],
      ['small', 'float'],
    ],
    [
      'the faster of two that are as large',
      [candidate('float', 1e6, 30), candidate('fast', 1e6 - 1, 10)],
      ['fast', 'float'],
    ],
    [
      'the larger one where the smaller is too slow to make up for it',
      [candidate('float', 4e6, 10), candidate('slow', 1e6, 30)],
      ['float', 'slow'],
    ],
    [
      'an accurate one before one that is small, fast and wrong',
      [candidate('float', 4e6, 10), candidate('wrong', 1e6, 1, false)],
      ['float', 'wrong'],
    ],
    [
      'by download where latency was not measured',
      [candidate('float', 4e6, null), candidate('small', 1e6, null)],
      ['small', 'float'],
    ],
  ])('puts first %s', (_, measured, expected) => {
    expect(order(...measured)).toEqual(expected);
  });

  it('keeps all, so that what is offered does not depend on times, and float32 wins ties', () => {
    expect(order(candidate('float', 1e6, 10), candidate('equal', 1e6, 10))).toEqual(['float', 'equal']);
    expect(order(candidate('float', 1e6, 10), candidate('worse', 2e6, 20))).toEqual(['float', 'worse']);
    expect(order(candidate('float', 4e6, 30), candidate('better', 1e6, 10))).toEqual(['better', 'float']);
  });

  it('says why, with the figures', () => {
    const { choice } = rankCandidates([candidate('float', 4e6, 10), candidate('small', 1e6, 10)]);
    expect(choice).toMatch(
      /^small is the default because .*1\.00 MB of model and 2\.50 MB of runtime.*float .*4\.00 MB/,
    );
  });
});
