import type { Diagnostic, Finding } from './diagnostic.ts';

/**
 * The one error class of modelpress: a diagnostic that stops the run.
 *
 * Callers match on `error.code`, never on the message.
 */
export class ModelpressError extends Error {
  readonly diagnostic: Diagnostic;

  constructor(finding: Finding, options?: { readonly cause?: unknown }) {
    super(finding.message, options);
    this.name = 'ModelpressError';
    this.diagnostic = { ...finding, severity: 'error' };
  }

  get code(): string {
    return this.diagnostic.code;
  }

  get at(): string | undefined {
    return this.diagnostic.at;
  }

  get hint(): string | undefined {
    return this.diagnostic.hint;
  }
}

/** Throws a `ModelpressError`; an expression, so that it can stand on the right of `??`. */
export function fail(finding: Finding, cause?: unknown): never {
  throw new ModelpressError(finding, cause === undefined ? undefined : { cause });
}
