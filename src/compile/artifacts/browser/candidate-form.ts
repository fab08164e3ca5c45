import type { Diagnostic } from '../../../diagnostics/diagnostic.ts';
import type { Model } from '../../../ir/model.ts';
import type { Session } from '../../../runtime/session.ts';
import type { BrowserCandidate } from '../../../targets/browser/browser-manifest.ts';
import type { ResolvedOptions } from '../../optimize-options.ts';
import type { PreparedData } from '../../prepare-data.ts';
import type { TfliteForms } from '../tflite-forms.ts';

/** A form of the model for one of the runtimes that browsers have. */
export interface CandidateForm extends Omit<BrowserCandidate, 'files'> {
  /**
   * Largest difference from the source, relative to the largest value, of a form that only computes in another order and is
   * left out where it does not keep to that; absent where accuracy is measured instead.
   */
  readonly agreesTo?: number;
  /** Largest difference between its answers in a browser and in Node, likewise. */
  readonly sameAnswer: number;
  /** Bytes of its weights. */
  readonly bytes: number;
  /** It computes as the first form of its runtime does, so that a smaller download is all that it can offer. */
  readonly smallerOnly?: true;
  /** Writes its files into a folder, and returns their paths there, the one to open first. */
  save(folder: string): Promise<readonly string[]>;
  /**
   * Opens it in the browser's runtime, under Node.
   *
   * @throws ModelpressError where the runtime does not take it.
   */
  open(folder: string, files: readonly string[]): Promise<Session>;
}

/** What forms are made from. */
export interface FormRequest {
  /** The cleaned and pruned model, before quantization; stays as it is. */
  readonly float: Model;
  /** What quantization made of it; undefined where nothing was quantized. */
  readonly quantized: Model | undefined;
  readonly source: { readonly session: Session };
  readonly tflite: TfliteForms;
  readonly data: Pick<PreparedData, 'calibration'>;
  readonly resolved: Pick<ResolvedOptions, 'quantize' | 'keepNames' | 'seed'>;
}

/** Makes the forms of a model for one runtime, and tells of those that cannot be made. */
export type FormSource = (
  request: FormRequest,
) => Promise<{ readonly forms: readonly CandidateForm[]; readonly diagnostics: readonly Diagnostic[] }>;

/** What to call a form among those of all runtimes: `int8 in litert`. */
export function labelOf({ precision, runtime }: Pick<CandidateForm, 'precision' | 'runtime'>): string {
  return `${precision} in ${runtime}`;
}
