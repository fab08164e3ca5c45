import type { Diagnostic } from './diagnostic.ts';

/**
 * A diagnostic as plain text: `error[code] at: message`, its notes, and the hint on a line of its own.
 */
export function renderDiagnostic(diagnostic: Diagnostic): string {
  const { severity, code, at, message, notes = [], hint } = diagnostic;
  const lines = [`${severity}[${code}]${at === undefined ? '' : ` ${at}`}: ${message}`];
  for (const line of notes) lines.push(`  ${line}`);
  if (hint !== undefined) lines.push(`  next: ${hint}`);
  return lines.join('\n');
}
