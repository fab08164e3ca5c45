import { createHash } from 'node:crypto';
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { openModelFile } from '../../src/files/open-model-file.ts';
import { saveModelFile } from '../../src/files/save-model-file.ts';
import { opsetOf } from '../../src/ir/model.ts';
import { parseModel } from '../../src/ir/text/parse.ts';
import { type Manifest, manifestSchema } from '../../src/report/manifest-schema.ts';
import { type Report, reportSchema } from '../../src/report/report-schema.ts';
import { openOrtWebSession } from '../../src/runtime/onnxruntime-web.ts';
import { ATTENTION, CALIBRATION, CONVNET, QUICK, TABULAR, VALIDATION } from './fixture-paths.ts';
import { type CommandResult, errorCodes, runCommand } from './run-command.ts';
import { temporaryFolder } from './temporary-folder.ts';

const SERVER = ['--target', 'server'];
const INT8 = [...SERVER, '--quantize', 'int8', '--calibrate', CALIBRATION, '--validate', VALIDATION];
const folder = temporaryFolder();

/** A normalization by the root of the mean square, and GELU, each in the operators of opset 14. */
const WRITTEN_OUT = `<ir_version: 8, opset_import: ["" : 14]>
  g (float[N,4] x) => (float[N,4] y)
  <float[4] w = {1, 2, 3, 4}, float two = {2}, float eps = {0.00001}, float r = {1.41421354}, float one = {1}, float half = {0.5}> {
    s = Pow(x, two) m = ReduceMean <axes = [-1]> (s) e = Add(m, eps) q = Sqrt(e) d = Div(x, q) n = Mul(d, w)
    a = Div(n, r) b = Erf(a) c = Add(b, one) f = Mul(n, c) y = Mul(f, half) }`;

function sha256(path: string): string {
  return createHash('sha256').update(readFileSync(path)).digest('hex');
}

describe('optimize --quantize int8 on a convolutional network', () => {
  const output = join(folder, 'int8');
  let result: CommandResult;
  let report: Report;

  beforeAll(async () => {
    result = await runCommand(CONVNET, ...INT8, ...QUICK, '-o', output, '--json');
    report = reportSchema.parse(JSON.parse(result.stdout));
  });

  it('ends well and prints a report of the schema, the one that it writes', () => {
    expect(result.code).toBe(0);
    expect(report).toEqual(reportSchema.parse(JSON.parse(readFileSync(join(output, 'report.json'), 'utf8'))));
  });

  it('runs every multiply-accumulate in integer kernels and measures all that it reports', () => {
    const [source, server] = report.variants;
    expect(source?.target).toBe('source');
    expect(server).toMatchObject({ target: 'server', coverage: { share: 1 } });
    expect(server?.size?.raw).toBeLessThan(0.35 * (source?.size?.raw ?? 0));
    expect(server?.accuracy).toMatchObject({ metric: 'top1', against: 'labels', samples: 100, failures: 0 });
    expect(server?.accuracy?.drop?.value).toBeLessThanOrEqual(0.02);
    for (const variant of report.variants) {
      expect(variant.latency?.p50.value).toBeGreaterThan(0);
      expect(variant.memory?.peak).toBeGreaterThan(0);
    }
  });

  it('writes the files that it lists, and a manifest that tells them by their hashes', () => {
    for (const { path, bytes } of report.files) expect(statSync(join(output, path)).size, path).toBe(bytes);
    const reports = ['report.md', 'report.html', 'report.junit.xml'];
    for (const name of reports) expect(existsSync(join(output, name)), name).toBe(true);
    const manifest = manifestSchema.parse(JSON.parse(readFileSync(join(output, 'server/manifest.json'), 'utf8')));
    expect(manifest.files.map(({ path }) => path)).toContain('model.onnx');
    for (const file of manifest.files) expect(sha256(join(output, 'server', file.path)), file.path).toBe(file.sha256);
    expect(manifest.source.sha256).toBe(sha256(CONVNET));
  });

  it('says on stderr what each stage did, the table, and where the result is', () => {
    expect(result.stderr).toMatch(/^ {2}fold-batch-normalization .*37 -> 26 nodes/m);
    expect(result.stderr).toMatch(/top1/);
    expect(result.stderr).toContain(`wrote ${output}`);
    expect(result.stderr).toMatch(/^digits-convnet: 163 kB -> /m);
  });

  it('says in every form of the report what ONNX Runtime still fuses itself', () => {
    const { FusedConv = 0 } = report.fusions?.before ?? {};
    expect(FusedConv).toBeGreaterThan(0);
    expect(report.fusions).toMatchObject({ after: { FusedConv }, lost: {} });
    expect(result.stderr).toMatch(/^fused by ONNX Runtime: /m);
    expect(readFileSync(join(output, 'report.md'), 'utf8')).toMatch(/^\| FusedConv \| \d+ \| \d+ \| 0 \|$/m);
    expect(readFileSync(join(output, 'report.html'), 'utf8')).toContain('Fused by ONNX Runtime');
  });

  it('writes the same model when run again, in place of its own earlier folder', async () => {
    const before = sha256(join(output, 'server/model.onnx'));
    const again = await runCommand(CONVNET, ...INT8, ...QUICK, '-o', output, '--no-measure', '--quiet');
    expect(again).toMatchObject({ code: 0, stdout: '', stderr: '' });
    expect(sha256(join(output, 'server/model.onnx'))).toBe(before);
  });
});

describe('optimize', () => {
  it('exits with 1 where a budget fails, with the artifacts written', async () => {
    const output = join(folder, 'budget');
    const result = await runCommand(
      TABULAR,
      ...QUICK,
      ...SERVER,
      '--max-size-ratio',
      '0.01',
      '--no-measure',
      '-o',
      output,
    );
    expect(result.code).toBe(1);
    expect(result.stderr).toMatch(/^fail: max-size-ratio 0.01/m);
    expect(existsSync(join(output, 'server/model.onnx'))).toBe(true);
    const junit = readFileSync(join(output, 'report.junit.xml'), 'utf8');
    expect(junit).toContain('tests="3" failures="1" errors="0" skipped="0"');
    expect(junit).toMatch(
      /name="max-size-ratio 0.01"><failure message="the model is \d+\.\d% of the source&#39;s size"/,
    );
  });

  it('takes options from a config file and lays flags over them', async () => {
    const output = join(folder, 'configured');
    const config = join(folder, 'config.json');
    const options = {
      target: ['server'],
      quantize: 'int8-weights',
      measure: false,
      seed: 7,
      output: join(folder, 'not-here'),
    };
    writeFileSync(config, JSON.stringify({ ...options, passOptions: { 'fold-constants': { maxGrowth: 1000 } } }));
    const result = await runCommand(TABULAR, '--config', config, '-o', output, '--seed', '8', '--json', '--quiet');
    const report = reportSchema.parse(JSON.parse(result.stdout));
    expect(report.options).toMatchObject({ quantize: 'int8-weights', measure: false, seed: 8, output });
    expect(existsSync(options.output)).toBe(false);
  });

  it('brings a model to the opset that is asked for, and says what stands in the way where it cannot', async () => {
    const output = join(folder, 'opset');
    const flags = [...SERVER, '--no-measure', '-o', output];
    expect((await runCommand(ATTENTION, '--opset', '12', ...flags)).code).toBe(0);
    expect(opsetOf(await openModelFile(join(output, 'server/model.onnx')))).toBe(12);
    const older = await runCommand(ATTENTION, '--opset', '8', ...flags);
    expect(older).toMatchObject({ code: 2, stderr: expect.stringMatching(/Erf '.*': opset 8 has no Erf/) });
    expect(errorCodes(older)).toEqual(['opset-not-reached']);
    const int8 = await runCommand(ATTENTION, '--opset', '12', '--quantize', 'int8', ...flags);
    expect(errorCodes(int8)).toEqual(['opset-too-old-for-int8']);
  });

  it.each([
    ['onnxruntime', 23, ['RMSNormalization', 'Gelu']],
    ['onnxruntime-web', 20, ['Gelu']],
    ['generic', 14, []],
  ])('shapes the graph for %s: opset %d at most', async (runtime, opset, operators) => {
    const source = join(folder, 'written-out.onnx');
    await saveModelFile(parseModel(WRITTEN_OUT), source);
    const output = join(folder, `for-${runtime}`);
    const flags = [...SERVER, '--no-measure', '-o', output, '--json'];
    const result = await runCommand(source, '--for', runtime, ...flags);
    expect(result.code).toBe(0);
    const model = await openModelFile(join(output, 'server/model.onnx'));
    expect(opsetOf(model)).toBe(opset);
    const names = [...model.graph.nodes()].map(({ op }) => op);
    expect(names.filter((op) => ['RMSNormalization', 'Gelu'].includes(op)).sort()).toEqual([...operators].sort());
    const web = await openOrtWebSession(join(output, 'server/model.onnx'));
    await web.close();
    expect(reportSchema.parse(JSON.parse(result.stdout)).fusions).toMatchObject({
      before: { Gelu: 1, SimplifiedLayerNormalization: 1 },
      after: { Gelu: 1, SimplifiedLayerNormalization: 1 },
    });
  });

  it('says that data was made up where none is given', async () => {
    const output = join(folder, 'made-up');
    const result = await runCommand(TABULAR, ...SERVER, '--quantize', 'int8', '--no-measure', '-o', output);
    expect(result.code).toBe(0);
    expect(result.stderr).toMatch(/^warning\[calibration-synthetic\]/m);
    expect(result.stderr).toMatch(/^warning\[validation-synthetic\]/m);
  });

  it('writes every artifact unless told, and counts a target that cannot be made as no failure', async () => {
    const output = join(folder, 'all');
    const made = await runCommand(TABULAR, '--no-measure', '--validation-samples', '20', '-o', output);
    expect(made.code).toBe(0);
    const artifacts = ['server/model.onnx', 'browser/model.onnx', 'browser/model.tflite', 'device/model.tflite'];
    for (const path of artifacts) expect(existsSync(join(output, path)), path).toBe(true);
    expect(made.stderr).toMatch(/│ browser\/model\.tflite *│ float32 *│ litert in /);
    expect(readFileSync(join(output, 'report.md'), 'utf8')).toContain('## In the browser');

    const model = parseModel(
      '<ir_version: 8, opset_import: ["" : 17]> g (float[4] x) => (int64[1, n] y) { y = NonZero (x) }',
    );
    const path = join(folder, 'dynamic.onnx');
    await saveModelFile(model, path);
    const without = join(folder, 'without-device');
    vi.stubEnv('CHROME_PATH', '/nowhere/chromium');
    const refused = await runCommand(path, '--no-measure', '-o', without);
    vi.unstubAllEnvs();
    expect(refused.code).toBe(0);
    expect(refused.stderr.match(/^warning\[(?!validation-synthetic).*\]/gm)).toEqual(['warning[device-not-made]']);
    expect(existsSync(join(without, 'browser/model.onnx'))).toBe(true);
    expect(existsSync(join(without, 'device'))).toBe(false);
  }, 240_000);
});

describe('optimize with another interface', () => {
  it('fixes shapes and renames, and compares with the source under the new names', async () => {
    const output = join(folder, 'renamed');
    const flags = ['--target', 'server', '--no-measure', '--rename', 'input=digit', '--bind', 'N=1', ...QUICK];
    const { code, stderr } = await runCommand('optimize', CONVNET, ...flags, '-o', output, '--quiet');
    expect(code, stderr).toBe(0);
    const manifest = JSON.parse(readFileSync(join(output, 'server/manifest.json'), 'utf8')) as Manifest;
    expect(manifest.inputs).toEqual([{ name: 'digit', type: 'float32', shape: [1, 1, 28, 28] }]);
    expect(manifest.source.file).toBe('digits-convnet.onnx');
  });

  it.each([
    ['a shape that is none', ['--fix-shape', 'input=1,x'], 'cli-invalid-argument'],
    ['a value that is no number', ['--fix-value', 'input=x'], 'cli-invalid-argument'],
    ['a pair that is none', ['--rename', 'input'], 'cli-invalid-argument'],
    ['an input that is not there', ['--fix-shape', 'image=1,1,28,28'], 'interface-unknown-name'],
  ])('refuses %s, and writes nothing', async (_, flags, expected) => {
    const output = join(folder, 'refused-interface');
    const result = await runCommand('optimize', CONVNET, ...flags, '-o', output);
    expect(errorCodes(result)).toEqual([expected]);
    expect(existsSync(output)).toBe(false);
  });
});
