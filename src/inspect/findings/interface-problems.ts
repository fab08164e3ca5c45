import type { Diagnostic } from '../../diagnostics/diagnostic.ts';
import type { Model } from '../../ir/model.ts';
import { isUnused } from '../../ir/value.ts';
import { findingOn, plural } from './finding.ts';

/** Inputs that nothing reads or that hide weights, and outputs that are no results. */
export function findInterfaceProblems({ graph }: Model): Diagnostic[] {
  const unused = graph.inputs.filter(isUnused).map(({ name }) => `'${name}'`);
  const overridable = graph.inputs.filter(({ initial }) => initial !== undefined).map(({ name }) => `'${name}'`);
  const untouched = graph.outputs.filter(({ value }) => value.isInput).map(({ name }) => `'${name}'`);
  const constant = graph.outputs.filter(({ value }) => value.constant !== undefined).map(({ name }) => `'${name}'`);
  return [
    ...findingOn(unused, () => ({
      code: 'inspect-input-unused',
      severity: 'note',
      message: `nothing reads ${plural(unused.length, 'input')} of the model`,
      hint: 'Callers have to give them all the same. Export the model without them.',
    })),
    ...findingOn(overridable, () => ({
      code: 'inspect-weights-overridable',
      severity: 'note',
      message: `callers may replace ${plural(overridable.length, 'weight')}, so that nothing is folded into or out of them`,
      hint: 'Quantizing and pruning make constants of them. Otherwise export the model without its weights among the inputs.',
    })),
    ...findingOn(untouched, () => ({
      code: 'inspect-output-is-input',
      severity: 'note',
      message: `inputs passed on as they are in ${plural(untouched.length, 'output')} of the model`,
    })),
    ...findingOn(constant, () => ({
      code: 'inspect-output-constant',
      severity: 'note',
      message: `the same whatever the inputs: ${plural(constant.length, 'output')} of the model`,
    })),
  ];
}
