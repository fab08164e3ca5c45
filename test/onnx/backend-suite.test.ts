import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { openModelFile } from '../../src/files/open-model-file.ts';
import { differenceOfModels } from '../../src/ir/equal-models.ts';
import { equalTensors } from '../../src/ir/tensor.ts';
import { parseModel } from '../../src/ir/text/parse.ts';
import { printModel } from '../../src/ir/text/print.ts';
import { verify } from '../../src/ir/verify.ts';
import { readModel } from '../../src/onnx/read-model.ts';
import { decodeTensor, encodeTensor } from '../../src/onnx/tensor-file.ts';
import { writeModel } from '../../src/onnx/write-model.ts';
import { backendCases, HAS_ZOO, ZOO_NOTE } from '../zoo.ts';

describe.skipIf(!HAS_ZOO)(`the ONNX backend suite${ZOO_NOTE}`, () => {
  let paths: string[] = [];

  beforeAll(() => {
    const cases = backendCases();
    paths = cases.map(({ folder }) => join(folder, 'model.onnx'));
    const light = join(dirname(dirname(cases[0]!.folder)), 'light');
    if (existsSync(light))
      for (const file of readdirSync(light)) if (file.endsWith('.onnx')) paths.push(join(light, file));
  });

  it('is written as equal models, in the file format and as text', async () => {
    expect(paths.length).toBeGreaterThan(1300);
    const wrong: string[] = [];
    for (const path of paths) {
      const model = await openModelFile(path);
      const problems = verify(model).map(({ message }) => message);
      const bytes = writeModel(model);
      const difference = differenceOfModels(model, readModel(bytes));
      // Text has no place for documentation and metadata of parts.
      const inText = differenceOfModels(model, parseModel(printModel(model)), { extras: false });
      for (const found of [...problems, difference, inText]) if (found !== undefined) wrong.push(`${path}: ${found}`);
    }
    expect(wrong).toEqual([]);
  });

  it('has tensors that are read as they are written', async () => {
    let count = 0;
    for (const path of paths) {
      const data = join(dirname(path), 'test_data_set_0');
      if (!existsSync(data)) continue;
      const model = await openModelFile(path);
      for (const [index, input] of model.graph.inputs.entries()) {
        const file = join(data, `input_${index}.pb`);
        if (input.type?.kind !== 'tensor' || !existsSync(file)) continue;
        const tensor = decodeTensor(readFileSync(file), file);
        expect(equalTensors(decodeTensor(encodeTensor(tensor)), tensor)).toBe(true);
        expect(tensor.dtype).toBe(input.type.dtype);
        count++;
      }
    }
    expect(count).toBeGreaterThan(2000);
  });
});
