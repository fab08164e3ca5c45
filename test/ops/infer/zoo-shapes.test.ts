import { describe, expect, it } from 'vitest';
import { openModelFile } from '../../../src/files/open-model-file.ts';
import { inferGraph } from '../../../src/ops/infer/infer-graph.ts';
import { HAS_ZOO, testDataFiles, ZOO_NOTE, zooModel, zooModels, zooTestData } from '../../zoo.ts';
import { bindSymbols, disagreement, feedOf, observe } from './observe.ts';

describe.skipIf(!HAS_ZOO)(`types inferred for zoo models against what ONNX Runtime computes${ZOO_NOTE}`, () => {
  it.each(zooModels())('%s', async (name) => {
    const model = await openModelFile(zooModel(name));
    const facts = inferGraph(model.graph, model);
    const feed = feedOf(model.graph, testDataFiles(zooTestData(name)[0]!, 'input'));
    const sizes = bindSymbols(model.graph, facts, feed);
    const problems: string[] = [];
    const actual = await observe(model, facts, feed);
    expect(actual.size).toBeGreaterThan(0);
    for (const [value, tensor] of actual) {
      const problem = disagreement(facts.types.get(value), tensor, sizes);
      if (problem !== undefined) problems.push(`${value.producer?.op} '${value.name}' ${problem}`);
    }
    expect(problems).toEqual([]);
  });
});
