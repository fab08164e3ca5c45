import { statSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { openModelFile } from '../../../src/files/open-model-file.ts';
import { differenceOfModels } from '../../../src/ir/equal-models.ts';
import { parseModel } from '../../../src/ir/text/parse.ts';
import { printModel } from '../../../src/ir/text/print.ts';
import { HAS_ZOO, ZOO_NOTE, zooModel, zooModels } from '../../zoo.ts';

/** Models up to this size in bytes, with their weights inside: a weight takes about three times its bytes as text. */
const LARGEST = 600_000;

const models = zooModels().filter((name) => !name.includes('external') && statSync(zooModel(name)).size < LARGEST);

describe.skipIf(!HAS_ZOO)(`models of the zoo as text${ZOO_NOTE}`, () => {
  it.each(models)('%s: is printed and parsed as an equal model', async (name) => {
    const model = await openModelFile(zooModel(name));
    const text = printModel(model);
    const back = parseModel(text);
    // Documentation and metadata of parts have no place in the text.
    expect(differenceOfModels(model, back, { extras: false })).toBeUndefined();
    expect(printModel(back) === text).toBe(true);
    expect(printModel(model, { elideAbove: 8 }).length).toBeLessThan(text.length);
  });
});
