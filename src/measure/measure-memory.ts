import type { SessionOptions } from '../runtime/session.ts';
import { encodeSubject, runWorker, type Subject } from './run-worker.ts';

/** Resident memory that a model adds to a process, in bytes. */
export interface MemoryMeasurement {
  /** After loading. */
  readonly loaded: number;
  /** At the highest point of loading and running. */
  readonly peak: number;
}

/** Runs after loading: enough for ONNX Runtime's arena to reach its size. */
const RUNS = 3;
const TIMEOUT_MS = 120_000;

/**
 * Measures the memory of one model in a fresh process, over what that process held before the model was loaded.
 *
 * @throws ModelpressError `measure-failed`.
 */
export function measureMemory(
  subject: Subject,
  options: Pick<SessionOptions, 'threads'> = {},
): Promise<MemoryMeasurement> {
  const job = { kind: 'memory', subject: encodeSubject(subject, options), runs: RUNS };
  return runWorker<MemoryMeasurement>(job, subject.path, TIMEOUT_MS);
}
