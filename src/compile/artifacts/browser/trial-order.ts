import type { CandidateForm } from './candidate-form.ts';

/** The runtime whose integers are fast: what the options ask for is tried there first. */
const FAST_INTEGERS = 'litert';

/**
 * Forms in the order in which work is spent on them: the first of each runtime, which is float32, then the last of each,
 * which is what the options ask for, then what lies between.
 */
export function trialOrder(forms: readonly CandidateForm[]): readonly CandidateForm[] {
  const groups = new Map<string, CandidateForm[]>();
  for (const form of forms) groups.set(form.runtime, [...(groups.get(form.runtime) ?? []), form]);
  const lists = [...groups.values()];
  const first = lists.map((list) => list[0]!);
  const last = lists.filter((list) => list.length > 1).map((list) => list.at(-1)!);
  last.sort((a, b) => Number(b.runtime === FAST_INTEGERS) - Number(a.runtime === FAST_INTEGERS));
  return [...first, ...last, ...lists.flatMap((list) => list.slice(1, -1))];
}
