import type { ArenaPlan } from '../../src/targets/device/arena-plan.ts';

/** One model in one form in TensorFlow Lite Micro. */
export interface MicroRow {
  readonly model: string;
  readonly form: 'float32' | 'int8';
  /** Of the .tflite file. */
  readonly bytes: number;
  readonly operators: number;
  /** What the manifest says, in bytes. */
  readonly arena: ArenaPlan;
  /** The least arena that it loads in, in bytes; null where it does not run. */
  readonly least: number | null;
  /**
   * Largest difference of its answer from LiteRT's: of integers in steps, of floats relative to the largest magnitude; null
   * where it does not run.
   */
  readonly difference: number | null;
  /** Why it does not run; null where it does. */
  readonly failure: string | null;
}

/**
 * LiteRT's kernels for wasm round products otherwise than the reference kernels that microcontrollers have, by a step in
 * each layer; more than this many of the 256 steps of an output would be another fault.
 */
const MOST_STEPS = 8;
const MOST_RELATIVE = 1e-4;

/** What is not as the artifact promises. */
export function faultsOf({ form, arena, least, difference, failure }: MicroRow): readonly string[] {
  if (failure !== null) return [failure];
  return [
    ...(least !== null && least > arena.bytes ? ['the arena of the manifest does not suffice'] : []),
    ...(difference !== null && difference > (form === 'int8' ? MOST_STEPS : MOST_RELATIVE) ? ['another answer'] : []),
  ];
}
