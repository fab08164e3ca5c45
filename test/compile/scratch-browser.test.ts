import { it } from 'vitest';
import { readFileSync } from 'node:fs';
import { buildBrowserArtifact } from '../../src/compile/browser-artifact.ts';
import { browserRequest } from './browser-request.ts';
import { zooModel } from '../zoo.ts';
import { CONVNET, ATTENTION, CALIBRATION, VALIDATION } from '../cli/fixture-paths.ts';
it.each([['mobilenetv2', zooModel('mobilenetv2-100-224'), {}], ['convnet', CONVNET, {calibrate: CALIBRATION, validate: VALIDATION}],['attention', ATTENTION, {calibrate: CALIBRATION, validate: VALIDATION}]])('%s', async (name, path, data) => {
  const request = await browserRequest(path, `/tmp/browser-${name}`, { quantize: 'int8', latencyBudget: 3000, ...data });
  const r = await buildBrowserArtifact(request);
  const m = JSON.parse(readFileSync(`/tmp/browser-${name}/manifest.json`, 'utf8'));
  console.log(JSON.stringify(m.browser, null, 1), r.variants.map(v => [v.name, v.latency?.speedup, v.accuracy?.value, v.accuracy?.sqnr]), r.diagnostics.map(d=>d.message), request.clock.stages);
}, 300000);
