import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fixpoint, type PipelineStep, parsePipeline, printPipeline, step } from '../../src/pass/pipeline.ts';

describe('the text form of a pipeline', () => {
  it('prints steps, options and fixpoints', () => {
    const steps = [
      step('infer-shapes'),
      fixpoint(4, step('fold-constants', { budget: 1024 }), step('eliminate-dead-code')),
    ];
    expect(printPipeline(steps)).toBe('infer-shapes,fixpoint(4){fold-constants(budget=1024),eliminate-dead-code}');
  });

  it('reads white space, lists and quoted values', () => {
    expect(parsePipeline(' a ( x = p|q , y = "say \\"hi, you\\"" ) , fixpoint(2){ b } ')).toEqual([
      step('a', { x: 'p|q', y: 'say "hi, you"' }),
      fixpoint(2, step('b')),
    ]);
  });

  it('reads an empty pipeline', () => {
    expect(parsePipeline('  ')).toEqual([]);
  });

  it.each([
    ['a,', 'column 3', 'the name of a pass'],
    ['a b', 'column 3', 'the end'],
    ['fixpoint(0){a}', 'column 10', 'a number of rounds'],
    ['fixpoint(2){a', 'column 14', "'}'"],
    ['a(x)', 'column 4', "'='"],
    ['A', 'column 1', 'the name of a pass'],
  ])('refuses %j, naming the place and what belongs there', (text, place, expected) => {
    expect(() => parsePipeline(text)).toThrow(
      expect.objectContaining({
        code: 'pipeline-syntax',
        message: expect.stringMatching(new RegExp(`${place}: expected ${expected}`)),
      }),
    );
  });

  it('refuses nesting that would exhaust the stack', () => {
    expect(() => parsePipeline('fixpoint(1){'.repeat(100_000))).toThrow(
      expect.objectContaining({ code: 'pipeline-syntax' }),
    );
  });

  it('round-trips any pipeline', () => {
    const name = fc.stringMatching(/^[a-z][a-z0-9]{0,5}(-[a-z0-9]{1,4})?$/).filter((text) => text !== 'fixpoint');
    const options = fc.dictionary(fc.stringMatching(/^[a-z][a-zA-Z]{0,6}$/), fc.string({ minLength: 1 }), {
      maxKeys: 3,
    });
    const pass = fc.record({ kind: fc.constant('pass' as const), name, options });
    const steps = fc.letrec<{ step: PipelineStep; steps: PipelineStep[] }>((tie) => ({
      step: fc.oneof(
        { depthSize: 'small' },
        pass,
        fc.record({
          kind: fc.constant('fixpoint' as const),
          limit: fc.integer({ min: 1, max: 9999 }),
          steps: tie('steps'),
        }),
      ),
      steps: fc.array(tie('step'), { maxLength: 4 }),
    })).steps;
    fc.assert(
      fc.property(steps, (pipeline) => {
        expect(parsePipeline(printPipeline(pipeline))).toEqual(pipeline);
      }),
      { seed: 1, numRuns: 200 },
    );
  });
});
