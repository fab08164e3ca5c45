import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import type { Model } from '../ir/model.ts';
import { verify } from '../ir/verify.ts';
import { findInterfaceProblems } from './findings/interface-problems.ts';
import { findOperatorProblems } from './findings/operator-problems.ts';
import { findOddValues } from './findings/weight-values.ts';
import { findWaste } from './findings/weight-waste.ts';
import type { NamedTensor } from './weight-summary.ts';

/** What passes report that says something of the model, not of what they do with it. */
const ABOUT_THE_MODEL = ['shape-contradicts-declared', 'pass-undone'];

/**
 * What looks wrong, wasteful or surprising in a model, warnings first.
 *
 * @param fromPasses what the passes of the main job reported on a copy of the model.
 */
export function findSuspicious(
  model: Model,
  tensors: readonly NamedTensor[],
  fromPasses: readonly Diagnostic[],
): readonly Diagnostic[] {
  const found = [
    ...verify(model),
    ...fromPasses.filter(({ code }) => ABOUT_THE_MODEL.includes(code)),
    ...findOperatorProblems(model),
    ...findInterfaceProblems(model),
    ...findOddValues(tensors),
    ...findWaste(model, tensors),
  ];
  return [
    ...found.filter(({ severity }) => severity !== 'note'),
    ...found.filter(({ severity }) => severity === 'note'),
  ];
}
