/** What became of one iteration. */
export interface Outcome {
  /** What was tried: `graph`, `layers` or `file`. */
  readonly kind: string;
  /** How it ended, as it is counted: `agrees`, `accepted`, the code of a refusal, or what went wrong. */
  readonly result: string;
  /** A fault of the product; its text says what and where. */
  readonly fault?: string;
  /** The model that it was found on, for a report. */
  readonly model?: Uint8Array;
}

/** A fault, with the model that shows it. */
export function faulty(kind: string, result: string, fault: string, model?: Uint8Array): Outcome {
  return { kind, result, fault, ...(model && { model }) };
}

/** The text of anything that was thrown, with its place where it is no refusal. */
export function textOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
