import type { Diagnostic } from '../../src/diagnostics/diagnostic.ts';
import { ModelpressError } from '../../src/diagnostics/modelpress-error.ts';

/** The diagnostic that an action fails with; a failure of the test when it does not, or fails otherwise. */
export async function failureOf(action: () => unknown): Promise<Diagnostic> {
  try {
    await action();
  } catch (error) {
    if (error instanceof ModelpressError) return error.diagnostic;
    throw error;
  }
  throw new Error('it did not fail');
}
