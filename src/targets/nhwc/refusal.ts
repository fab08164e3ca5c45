import { ModelpressError } from '../../diagnostics/modelpress-error.ts';

/** Why one node cannot be lowered to a target, and what can be done about it. */
export interface Refusal {
  /** Stable kebab-case reason. */
  readonly code: string;
  /** The node, or the value where no node is at fault. */
  readonly at: string;
  readonly message: string;
  readonly hint: string;
}

/** A legalization's word that a node has no form on the target; caught by the lowering, which lists them all. */
export class CannotLower extends ModelpressError {
  constructor(refusal: Refusal) {
    super(refusal);
    this.name = 'CannotLower';
  }

  get refusal(): Refusal {
    const { code, at = '', message, hint = '' } = this.diagnostic;
    return { code, at, message, hint };
  }
}
