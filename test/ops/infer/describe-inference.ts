import { describe, expect, it } from 'vitest';
import { inferOne, type OneNode } from './infer-one.ts';

/** What is asked of one node, and the types of its results as text. */
export type InferenceCase = readonly [name: string, node: OneNode, types: readonly string[]];

/** One test per case. */
export function describeInference(family: string, cases: readonly InferenceCase[]): void {
  describe(`inferred types: ${family}`, () => {
    it.each(cases)('%s', (_, node, types) => {
      expect(inferOne(node)).toEqual(types);
    });
  });
}
