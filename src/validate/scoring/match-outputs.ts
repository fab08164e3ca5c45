import { fail } from '../../diagnostics/modelpress-error.ts';

/** Which output of a candidate stands for which of the reference. */
export interface OutputMatch {
  /** The candidate's name for each of the reference's. */
  readonly names: ReadonlyMap<string, string>;
  /** The reference's names that were matched by their place, since the candidate does not have them. */
  readonly byPosition: readonly string[];
}

/**
 * Matches outputs by name. Names of the reference that the candidate does not have are matched to the names it has
 * besides, in order, when they are as many: converters rename outputs more often than they reorder them.
 *
 * @throws ModelpressError `validate-outputs-differ` when they are not as many.
 */
export function matchOutputs(
  reference: readonly string[],
  candidate: readonly string[],
  candidateName: string,
): OutputMatch {
  const names = new Map<string, string>();
  for (const name of reference) if (candidate.includes(name)) names.set(name, name);
  const unmatched = reference.filter((name) => !names.has(name));
  const spare = candidate.filter((name) => !names.has(name));
  if (unmatched.length > 0 && unmatched.length !== spare.length) {
    return fail({
      code: 'validate-outputs-differ',
      message: `${candidateName} has no output ${unmatched.join(', ')}: expected ${reference.join(', ')}, found ${candidate.join(', ')}`,
      at: candidateName,
      hint: 'give the outputs the names of the original model, or as many outputs in its order',
    });
  }
  unmatched.forEach((name, i) => {
    names.set(name, spare[i]!);
  });
  return { names, byPosition: unmatched };
}

/** A candidate's outputs under the reference's names, in the reference's order; without those it did not give. */
export function underReferenceNames<T>(outputs: ReadonlyMap<string, T>, match: OutputMatch): ReadonlyMap<string, T> {
  const renamed = new Map<string, T>();
  for (const [name, own] of match.names) {
    const value = outputs.get(own);
    if (value !== undefined) renamed.set(name, value);
  }
  return renamed;
}
