import type { Diagnostic } from './diagnostic.ts';

/** Diagnostics without those that say of the same object what one before them said: several targets find the same. */
export function withoutRepeats(diagnostics: readonly Diagnostic[]): readonly Diagnostic[] {
  const said = new Set<string>();
  return diagnostics.filter(({ code, severity, at, message }) => {
    const text = JSON.stringify([code, severity, at, message]);
    return !said.has(text) && said.add(text);
  });
}
