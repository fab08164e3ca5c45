import { type Diagnostic, type Finding, note, warning } from '../../diagnostics/diagnostic.ts';

/** Objects that one finding names; a model with a fault has it in many places. */
const MAX_NAMED = 5;

/** What a finding says of all its objects together. */
export interface FindingText extends Omit<Finding, 'notes'> {
  /** A warning asks for something to be done; a note is worth knowing. */
  readonly severity: 'warning' | 'note';
}

/** One finding on several objects, of which the first few are named; none where there are no objects. */
export function findingOn(objects: readonly string[], text: () => FindingText): Diagnostic[] {
  if (objects.length === 0) return [];
  const { severity, ...finding } = text();
  const more = objects.length - MAX_NAMED;
  const notes = [...objects.slice(0, MAX_NAMED), ...(more > 0 ? [`and ${more} more`] : [])];
  return [(severity === 'warning' ? warning : note)({ ...finding, notes })];
}

/** A count with its noun: `1 tensor`, `3 tensors`. */
export function plural(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
