import { join, resolve } from 'node:path';

const FIXTURES = resolve(import.meta.dirname, '../../fixtures');

export const CONVNET = join(FIXTURES, 'models/digits-convnet.onnx');
export const ATTENTION = join(FIXTURES, 'models/digits-attention.onnx');
export const TABULAR = join(FIXTURES, 'models/tabular-mlp.onnx');
export const CALIBRATION = join(FIXTURES, 'data/digits-calibration.npz');
export const VALIDATION = join(FIXTURES, 'data/digits-validation.npz');
export const PUMP_VALIDATION = join(FIXTURES, 'data/pump-validation.csv');

/** Flags that keep a run of the main job short; what is tested is that it works, not how fast it is. */
export const QUICK = ['--validation-samples', '100', '--latency-budget', '100'];
