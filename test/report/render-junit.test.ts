import { describe, expect, it } from 'vitest';
import { renderJunit } from '../../src/report/render-junit.ts';
import { type Report, reportSchema } from '../../src/report/report-schema.ts';

const VARIANT = {
  target: 'source',
  file: 'model.onnx',
  runtime: 'onnxruntime-node',
  precision: 'float32',
  size: { raw: 2000, gzip: 1800, brotli: 1700 },
  latency: null,
  memory: null,
  accuracy: null,
  coverage: null,
};

function reportOf(name: string, gates: Report['gates']): Report {
  const hash = '0'.repeat(64);
  return reportSchema.parse({
    reportVersion: 1,
    tool: { name: 'modelpress', version: '0.1.0' },
    environment: { platform: 'linux', arch: 'x64', cpu: 'a processor', cores: 1, node: '20.19.0', runtimes: {} },
    source: {
      ...{ name, file: 'model.onnx', sha256: hash, bytes: 2000, irVersion: 8, opset: { '': 17 }, producer: '' },
      ...{ nodes: 1, parameters: 0, macs: null, inputs: [], outputs: [] },
    },
    ...{ options: {}, seed: 0, pipeline: '', passes: [], leakage: null, fusions: null, pruning: null },
    ...{ quantization: null, datasets: { calibration: null, validation: null }, diagnostics: [], files: [] },
    stages: [
      { name: 'optimize', milliseconds: 1000, detail: '' },
      { name: 'measure', milliseconds: 250, detail: '' },
    ],
    variants: [
      { ...VARIANT, name: 'source' },
      { ...VARIANT, name: 'int8', target: 'server', size: { raw: 1000, gzip: 900, brotli: 800 } },
    ],
    gates,
  });
}

describe('renderJunit', () => {
  it('has a case for each artifact with its figures, and one for each budget', () => {
    const xml = renderJunit(
      reportOf('net', [
        { name: 'max-drop 1%', verdict: 'pass', detail: 'top1 drops by 0' },
        { name: 'max-size-ratio 0.3', verdict: 'fail', detail: "50% of the source's size" },
        { name: 'min-speedup 1.5', verdict: 'inconclusive', detail: '1.6x [1.4, 1.8]' },
      ]),
    );
    expect(xml).toMatchInlineSnapshot(`
      "<?xml version="1.0" encoding="UTF-8"?>
      <testsuites name="modelpress" tests="4" failures="1" errors="0" skipped="1" time="1.250">
      <testsuite name="net" tests="4" failures="1" errors="0" skipped="1" time="1.250">
      <testcase classname="modelpress.net" name="int8"><system-out>runtime: onnxruntime-node
      precision: float32
      size: 1.00 kB (50.0%)
      gzip: 900 B
      brotli: 800 B</system-out></testcase>
      <testcase classname="modelpress.net" name="max-drop 1%"><system-out>top1 drops by 0</system-out></testcase>
      <testcase classname="modelpress.net" name="max-size-ratio 0.3"><failure message="50% of the source&#39;s size"/></testcase>
      <testcase classname="modelpress.net" name="min-speedup 1.5"><skipped message="1.6x [1.4, 1.8]"/></testcase>
      </testsuite>
      </testsuites>
      "
    `);
  });

  it('writes any name as well-formed XML', () => {
    const xml = renderJunit(reportOf('a<b>&"c"\u0001\ud800', []));
    expect(xml).toContain('<testsuite name="a&lt;b&gt;&amp;&quot;c&quot;\ufffd\ufffd" tests="1"');
  });
});
