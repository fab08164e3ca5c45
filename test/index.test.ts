import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import * as modelpress from '../src/index.ts';
import { CALIBRATION, CONVNET, TABULAR, VALIDATION } from './cli/fixture-paths.ts';
import { temporaryFolder } from './cli/temporary-folder.ts';

const folder = temporaryFolder();

describe('the library', () => {
  it('exports these names and no others', () => {
    expect(Object.keys(modelpress).sort()).toMatchInlineSnapshot(`
      [
        "Graph",
        "ModelpressError",
        "PASSES",
        "benchModels",
        "calibrate",
        "cloneModel",
        "definePass",
        "diffFiles",
        "evaluate",
        "fixpoint",
        "inspectFile",
        "inspectModel",
        "judgeDrop",
        "manifestSchema",
        "measureInt8Coverage",
        "measureLatency",
        "measureMemory",
        "measureSize",
        "openDataset",
        "openModelFile",
        "openOrtSession",
        "optimize",
        "parseMaxDrop",
        "parseModel",
        "parsePipeline",
        "planInt8",
        "printModel",
        "printPipeline",
        "readModel",
        "reportSchema",
        "runModel",
        "runPipeline",
        "saveModelFile",
        "step",
        "synthesizeDataset",
        "tensorFromNumbers",
        "toNumbers",
        "validateModel",
        "verify",
        "writeModel",
      ]
    `);
  });

  it('does the main job with typed options, tells of it, and returns the report', async () => {
    const stages: string[] = [];
    const { report, output, passed } = await modelpress.optimize(
      CONVNET,
      {
        target: ['server'],
        quantize: 'int8',
        calibrate: CALIBRATION,
        validate: { path: VALIDATION },
        validationSamples: 100,
        maxDrop: '5%',
        measure: false,
        output: join(folder, 'digits'),
      },
      (event) => {
        if (event.kind === 'stage-end') stages.push(event.stage);
      },
    );
    expect(passed).toBe(true);
    expect(stages).toEqual(report.stages.map(({ name }) => name));
    expect(report.gates).toEqual([expect.objectContaining({ name: 'max-drop 5%' })]);
    const manifest: modelpress.Manifest = modelpress.manifestSchema.parse(
      JSON.parse(readFileSync(join(output, 'server/manifest.json'), 'utf8')),
    );
    const session = await modelpress.openOrtSession(join(output, 'server', manifest.entry));
    const [input] = session.inputs;
    const shape = manifest.exampleShapes[input?.name ?? ''] ?? [];
    const zeros = modelpress.tensorFromNumbers('float32', shape, new Float32Array(28 * 28));
    const outputs = await session.run(new Map([[input?.name ?? '', zeros]]));
    expect(outputs.get('logits')).toMatchObject({ dtype: 'float32', dims: [1, 10] });
    await session.close();
  });

  it('throws typed errors', async () => {
    const error = await modelpress.optimize('missing.onnx').catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(modelpress.ModelpressError);
    expect(error).toMatchObject({ code: 'onnx-file-missing', at: 'missing.onnx', hint: 'Check the path.' });
  });

  it('runs passes of the caller beside its own', async () => {
    const renameNodes = modelpress.definePass({
      name: 'rename-nodes',
      summary: 'Number the nodes',
      effect: 'exact',
      options: { prefix: { kind: 'string', default: 'n', help: 'What names begin with' } },
      run(graph, { options, count }) {
        let next = 0;
        for (const node of graph.nodes()) graph.rename(node, `${options.prefix}${next++}`);
        count('nodes numbered', next);
      },
    });
    const model = await modelpress.openModelFile(TABULAR);
    const steps = modelpress.parsePipeline('eliminate-identity,rename-nodes(prefix=layer)');
    const { records } = modelpress.runPipeline(model, steps, { passes: [...modelpress.PASSES, renameNodes] });
    expect(records.map(({ counts }) => counts)).toEqual([{ 'identity-to-operand': 1 }, { 'nodes numbered': 9 }]);
    const path = join(folder, 'numbered.onnx');
    await modelpress.saveModelFile(model, path);
    const inspection = await modelpress.inspectFile(path);
    expect(inspection.nodes).toBe(9);
    expect(inspection.compute.largest[0]?.node).toMatch(/^layer\d$/);
  });

  it('calibrates, evaluates and measures on their own', async () => {
    const model = await modelpress.openModelFile(TABULAR);
    const session = await modelpress.openOrtSession(TABULAR);
    const dataset = modelpress.synthesizeDataset(session.inputs, { seed: 1, samples: 4 });
    modelpress.runPipeline(model, [modelpress.step('infer-shapes')], { passes: modelpress.PASSES });
    const ranges = await modelpress.calibrate(model, dataset);
    expect(ranges.size).toBeGreaterThan(0);
    const contender = { name: 'itself', session };
    const evaluation = await modelpress.evaluate({ name: 'source', session }, [contender], dataset);
    expect(modelpress.judgeDrop(evaluation.candidates[0]!, modelpress.parseMaxDrop('1%')).passed).toBe(true);
    await session.close();
    const size = await modelpress.measureSize([modelpress.writeModel(model)]);
    expect(size.brotli).toBeLessThan(size.raw);
  });
});
