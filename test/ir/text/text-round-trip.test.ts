import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cloneModel } from '../../../src/ir/clone.ts';
import { differenceOfModels } from '../../../src/ir/equal-models.ts';
import { parseModel } from '../../../src/ir/text/parse.ts';
import { printModel } from '../../../src/ir/text/print.ts';
import { verify } from '../../../src/ir/verify.ts';
import { readModel } from '../../../src/onnx/read-model.ts';
import { writeModel } from '../../../src/onnx/write-model.ts';
import { randomModel } from '../random-model.ts';

/** Checks a model of each of many seeds; the seed of the first failure is the counterexample. */
function forModels(check: (seed: number) => void): void {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 2 ** 31 - 1 }), (seed) => {
      check(seed);
    }),
    { seed: 3, numRuns: 150 },
  );
}

describe('random models', () => {
  it('verify', () => {
    forModels((seed) => {
      expect(verify(randomModel(seed))).toEqual([]);
    });
  });

  it('are printed and parsed to equal ones', () => {
    forModels((seed) => {
      const model = randomModel(seed);
      const text = printModel(model);
      const back = parseModel(text);
      expect(differenceOfModels(model, back)).toBeUndefined();
      expect(printModel(back)).toBe(text);
    });
  });

  it('are written and read to equal ones, with the same bytes each time', () => {
    forModels((seed) => {
      const model = randomModel(seed);
      const bytes = writeModel(model);
      const back = readModel(bytes);
      expect(differenceOfModels(model, back)).toBeUndefined();
      expect(Buffer.compare(writeModel(back), bytes)).toBe(0);
    });
  });

  it('are equal to their clones and not to their neighbours', () => {
    forModels((seed) => {
      const model = randomModel(seed);
      const { model: copy } = cloneModel(model);
      expect(verify(copy)).toEqual([]);
      expect(differenceOfModels(model, copy)).toBeUndefined();
      copy.graph.append({ op: 'Relu', inputs: [copy.graph.inputs[0]], outputs: [{ name: 'added' }] });
      expect(differenceOfModels(model, copy)).toContain('nodes');
      expect(verify(model)).toEqual([]);
      expect(differenceOfModels(model, randomModel(seed + 1))).toBeDefined();
    });
  });
});
