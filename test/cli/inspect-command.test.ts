import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { saveModelFile } from '../../src/files/save-model-file.ts';
import type { Inspection } from '../../src/inspect/inspection.ts';
import { parseModel } from '../../src/ir/text/parse.ts';
import { ATTENTION, CONVNET } from './fixture-paths.ts';
import { errorCodes, runCommand } from './run-command.ts';
import { temporaryFolder } from './temporary-folder.ts';

const folder = temporaryFolder();

describe('optimize inspect', () => {
  it('describes a model as text on stdout', async () => {
    const { code, stdout, stderr } = await runCommand('inspect', CONVNET);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    for (const part of ['Operators', 'Weights', 'Dynamic dimensions', 'Largest layers', 'GlobalAveragePool'])
      expect(stdout).toContain(part);
    expect(stdout).toMatch(/Would run in 8 bits with 100\.0% of the multiply-accumulates: .*11 Conv/);
  });

  it('gives the same as JSON, for the sizes that are bound', async () => {
    const inspect = async (...flags: string[]): Promise<Inspection> =>
      JSON.parse((await runCommand('inspect', ATTENTION, '--json', ...flags)).stdout);
    const one = await inspect();
    const eight = await inspect('--bind', 'N=8');
    expect(one.dynamicDimensions).toEqual([{ symbol: 'N', size: 1, given: false, at: ['input[0]'] }]);
    expect(eight.dynamicDimensions).toEqual([{ symbol: 'N', size: 8, given: true, at: ['input[0]'] }]);
    expect(eight.compute.macs).toBe(8 * one.compute.macs);
    expect(eight.weights).toEqual(one.weights);
  });

  it('writes an HTML page with charts', async () => {
    const page = join(folder, 'page.html');
    const { code, stderr } = await runCommand('inspect', CONVNET, '--html', page);
    expect({ code, stderr }).toEqual({ code: 0, stderr: `wrote ${page}\n` });
    const html = readFileSync(page, 'utf8');
    expect(html).toMatch(/^<!doctype html>/);
    expect(html.match(/class="bar"/g)?.length).toBeGreaterThan(10);
    expect(html).not.toMatch(/<script|https?:\/\//);
  });

  it('lists what of a model has a form on the device, without converting it', async () => {
    const { stdout } = await runCommand('inspect', CONVNET, '--target', 'device', '--json');
    const { device } = JSON.parse(stdout) as Inspection;
    expect(device?.refused).toEqual([]);
    expect(device?.operators.find(({ operator }) => operator === 'Conv')).toMatchObject({ known: true });
    expect((JSON.parse((await runCommand('inspect', CONVNET, '--json')).stdout) as Inspection).device).toBeNull();
  });

  it('names each node that has none, with its code and the way out', async () => {
    const model = join(folder, 'nonzero.onnx');
    await saveModelFile(
      parseModel(`<ir_version: 8, opset_import: ["" : 17]> g (float[4] x) => (int64[1,n] y) { y = NonZero(x) }`),
      model,
    );
    const { code, stdout } = await runCommand('inspect', model, '--target', 'device');
    expect(code).toBe(0);
    expect(stdout).toMatch(/Would not be converted; operators without a form: 1 NonZero/);
    expect(stdout).toMatch(/device-[a-z-]+/);
  });

  it('refuses a size for a dimension that the model does not have, and writes nothing', async () => {
    const page = join(folder, 'refused.html');
    const result = await runCommand('inspect', CONVNET, '--bind', 'M=2', '--html', page);
    expect(errorCodes(result)).toEqual(['inspect-unknown-symbol']);
    expect(result.code).toBe(2);
    expect(existsSync(page)).toBe(false);
  });
});
