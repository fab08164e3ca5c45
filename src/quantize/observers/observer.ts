import { fail } from '../../diagnostics/modelpress-error.ts';
import type { ValueRange } from '../../pass/define-pass.ts';

/** What a sample's values are, in short. */
export interface ValueSummary {
  readonly count: number;
  /** Least, greatest and mean; the mean is not finite where a value is not. */
  readonly extremes: Float32Array;
  /** Every `countedStep`-th value, where the observer needs them. */
  readonly sample: Float32Array | undefined;
}

/**
 * Watches the values of one tensor over all calibration samples and chooses the range to keep. Its memory does not
 * depend on how many values it is given, and their shapes do not matter.
 */
export interface Observer {
  /** How many of a sample's values, at most, a summary has to hold; 0 where their ends will do. */
  readonly sampledValues: number;
  /**
   * Takes the values of one sample.
   *
   * @throws ModelpressError `calibrate-not-finite` on NaN or an infinity.
   */
  observe(values: Float32Array): void;
  /** The same of a sample whose values were summarized elsewhere. */
  observeSummary(summary: ValueSummary): void;
  /** The range to quantize; 0 to 0 where nothing has been observed. */
  range(): ValueRange;
}

/** Refuses a value that no range can hold. @param label the tensor's name. */
export function refuseNotFinite(label: string, value: number): never {
  fail({
    code: 'calibrate-not-finite',
    message: `value '${label}' became ${value} on the calibration data`,
    at: label,
    hint: 'Remove the sample, or leave the node that computes it in float with --quantize-exclude.',
  });
}
