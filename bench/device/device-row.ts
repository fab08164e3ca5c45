import { MIN_SQNR_DB } from '../../src/quantize/min-sqnr.ts';
/** One model of the zoo on the device; a part is null where it was not reached. */
export interface DeviceRow {
  readonly model: string;
  readonly float: FloatResult | null;
  readonly int8: Int8Result | null;
  /** Median milliseconds in LiteRT, the two in turn. */
  readonly latency: { readonly float: number; readonly int8: number } | null;
  /** Why there is no file, or none that could be judged. */
  readonly refused: { readonly code: string; readonly message: string } | null;
}

/** The float32 .tflite beside the outputs that the zoo has from ONNX Runtime. */
export interface FloatResult {
  readonly bytes: number;
  /** Largest difference over the largest magnitude of the output it is in. */
  readonly difference: number;
  /** Tensors that are moved in memory for the order of axes. */
  readonly transposes: number;
}

/** The full int8 .tflite beside the source model in ONNX Runtime. */
export interface Int8Result {
  readonly bytes: number;
  readonly data: string;
  readonly calibrated: number;
  readonly judged: number;
  /** Whether it is judged on the samples that it is calibrated on. */
  readonly same: boolean;
  /** Of the worst output, in decibels. */
  readonly sqnr: number | null;
  /** Loss of the metric against labels, in its own unit, where there are labels. */
  readonly accuracy: { readonly metric: string; readonly unit: string; readonly drop: number | null } | null;
  readonly level: string;
  /** Shares of operators and of multiply-accumulates in integers; null where there are none to count. */
  readonly operatorShare: number | null;
  readonly macShare: number | null;
  readonly warnings: readonly string[];
}

/** Below this relative difference a float32 file agrees; an int8 file does from `MIN_SQNR_DB` on. */
export const MAX_DIFFERENCE = 1e-4;

export function agreesInFloat({ float }: DeviceRow): boolean {
  return float !== null && float.difference <= MAX_DIFFERENCE;
}

export function agreesInInt8({ int8 }: DeviceRow): boolean {
  return int8 !== null && int8.sqnr !== null && int8.sqnr >= MIN_SQNR_DB;
}
