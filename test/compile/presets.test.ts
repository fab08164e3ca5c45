import { describe, expect, it } from 'vitest';
import { type GraphRuntime, resolveOptions, runtimeOf, type TargetName } from '../../src/compile/optimize-options.ts';
import { CLEAN, cleanFor } from '../../src/compile/presets.ts';
import { printPipeline } from '../../src/pass/pipeline.ts';

describe('the runtime that a graph is shaped for', () => {
  it.each<[TargetName[], GraphRuntime]>([
    [['server', 'browser', 'device'], 'onnxruntime'],
    [['browser', 'server'], 'onnxruntime'],
    [['browser'], 'onnxruntime-web'],
    [['browser', 'device'], 'onnxruntime-web'],
    [['device'], 'onnxruntime'],
  ])('is by default, for %j, %s', (target, runtime) => {
    expect(runtimeOf(resolveOptions({ target }))).toBe(runtime);
    expect(runtimeOf(resolveOptions({ target, for: 'generic' }))).toBe('generic');
  });

  it('decides how far the opset is raised, and nothing else', () => {
    const all = printPipeline(CLEAN);
    expect(printPipeline(cleanFor('onnxruntime'))).toBe(all);
    expect(all).toContain(',convert-opset-as-needed,');
    expect(printPipeline(cleanFor('onnxruntime-web'))).toBe(
      all.replace('convert-opset-as-needed', 'convert-opset-as-needed(limit=20)'),
    );
    expect(printPipeline(cleanFor('generic'))).toBe(all.replace('convert-opset-as-needed,', ''));
  });
});
