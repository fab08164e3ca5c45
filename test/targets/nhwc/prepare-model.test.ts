import { describe, expect, it } from 'vitest';
import { opsetOf } from '../../../src/ir/model.ts';
import { parseModel } from '../../../src/ir/text/parse.ts';
import { prepareModel } from '../../../src/targets/nhwc/prepare-model.ts';

describe('prepareModel', () => {
  it('says nothing of the opset that it converts to, which no artifact has', () => {
    const source = parseModel(
      '<ir_version: 7, opset_import: ["" : 9]> g (float[2,2] x) => (float[2,2] y) { y = Relu (x) }',
    );
    const { model, diagnostics } = prepareModel(source);
    expect(opsetOf(model)).toBe(13);
    expect(diagnostics).toEqual([]);
  });
});
