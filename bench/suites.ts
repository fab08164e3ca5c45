import { backendSuite } from './backend/backend-suite.ts';
import { browser } from './browser/browser.ts';
import { compileCost } from './compile-cost/compile-cost.ts';
import { device } from './device/device.ts';
import { deviceBackendSuite } from './device-backend/device-backend-suite.ts';
import { fuzz } from './fuzz/fuzz.ts';
import { largeModel } from './large-model/large-model.ts';
import { micro } from './micro/micro.ts';
import type { Suite } from './suite.ts';
import { sweep } from './sweep/sweep.ts';
import { zooGraphs } from './zoo-graphs/zoo-graphs.ts';
import { zooQuantization } from './zoo-quantization/zoo-quantization.ts';

/** Every suite, in the order in which they are run where none is named. */
export const SUITES: readonly Suite[] = [
  zooQuantization,
  compileCost,
  sweep,
  zooGraphs,
  backendSuite,
  device,
  deviceBackendSuite,
  micro,
  largeModel,
  fuzz,
  browser,
];
