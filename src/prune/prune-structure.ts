import { fail } from '../diagnostics/modelpress-error.ts';

/** Keep `keep` of every `group` weights along the axis that is summed over. */
export interface PruneGrouping {
  readonly keep: number;
  readonly group: number;
}

/**
 * Reads the name of a sparsity structure: `unstructured`, for which there is no grouping, or `N:M` as in `2:4`.
 *
 * @throws ModelpressError `prune-bad-structure`.
 */
export function parsePruneStructure(structure: string): PruneGrouping | undefined {
  if (structure === 'unstructured') return undefined;
  const [, keep = 0, group = 0] = (/^(\d{1,2}):(\d{1,2})$/.exec(structure) ?? []).map(Number);
  if (keep >= 1 && keep < group) return { keep, group };
  return fail({
    code: 'prune-bad-structure',
    message: `'${structure}' is no structure to prune to`,
    at: 'prune-magnitude.structure',
    hint: 'Say unstructured, or N:M with N below M, as in 2:4.',
  });
}
