/** How a diagnostic bears on the run: an `error` stops it, a `warning` and a `note` are collected and shown. */
export type Severity = 'error' | 'warning' | 'note';

/**
 * One thing worth telling a person.
 *
 * `code` is a stable kebab-case string that programs may match on (`onnx-truncated`, `data-shape-mismatch`).
 * `message` says what happened, to which object, expected against found. `hint` is the next action.
 */
export interface Diagnostic {
  readonly code: string;
  readonly severity: Severity;
  readonly message: string;
  /** The object it concerns: a file, a node, a value, an option. */
  readonly at?: string;
  /** What to do next. */
  readonly hint?: string;
  readonly notes?: readonly string[];
}

/** A diagnostic without its severity, as the places that raise one write it. */
export type Finding = Omit<Diagnostic, 'severity'>;

/** Where a stage leaves what it found; what stops the run is thrown instead. */
export type Reporter = (diagnostic: Diagnostic) => void;

/** A warning as a value. */
export function warning(finding: Finding): Diagnostic {
  return { ...finding, severity: 'warning' };
}

/** A note as a value. */
export function note(finding: Finding): Diagnostic {
  return { ...finding, severity: 'note' };
}
