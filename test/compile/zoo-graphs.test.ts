import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { measureGraph } from '../../bench/zoo-graphs/measure-graph.ts';
import { HAS_ZOO, ZOO_NOTE, zooModel, zooModels, zooTestData } from '../zoo.ts';

/** Of how many models one is measured; every one with MODELPRESS_FULL=1, which takes about a minute. */
const EVERY = process.env.MODELPRESS_FULL === '1' ? 1 : 4;

/** Models that each have something of their own: branches, dynamic shapes, external data, quantized weights, a kind of loop. */
const ALWAYS = [
  'silero-vad',
  'stories260k-kvcache',
  'sst2-transformer-dynamo-external',
  'mobilenetv2-qdq',
  'gtcrn-stream',
];

const chosen = zooModels().filter((name, index) => index % EVERY === 0 || ALWAYS.includes(name));

describe.skipIf(!HAS_ZOO)(`what is done to every model, on ${chosen.length} models of the zoo${ZOO_NOTE}`, () => {
  let folder = '';
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'modelpress-zoo-graphs-'));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  test.each(chosen)('%s: same outputs and fusions, no more nodes or bytes, settled and repeatable', async (name) => {
    const row = await measureGraph(name, zooModel(name), zooTestData(name)[0]!, folder);
    expect(row.tools.modelpress).toMatchObject({ fault: null });
    expect(row.faults).toEqual([]);
  });
});
