import { counted } from '../../diagnostics/counted.ts';
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

/** How many refusals are told one by one; a model of many nodes has the same ones over and over. */
const TOLD = 5;

/** Why a target has no form of a model: how many reasons there are, and the first of them. */
export function whyRefused(
  refused: readonly Pick<Refusal, 'code' | 'message'>[],
  target: string,
): { readonly message: string; readonly notes: readonly string[] } {
  const told = refused.slice(0, TOLD).map(({ code, message }) => `${code}: ${message}`);
  const left = refused.length - told.length;
  return {
    message: `${counted(refused.length, 'part')} of the model ${refused.length === 1 ? 'has' : 'have'} no form in ${target}`,
    notes: left === 0 ? told : [...told, `and ${left} more`],
  };
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
