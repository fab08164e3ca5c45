import { setFlagsFromString } from 'node:v8';

/**
 * Keeps V8's young generation at its first size. What the compiler allocates is mostly typed arrays, whose bytes lie
 * outside of the heap and go only when their small wrappers are collected: a young generation that grows lets tens of
 * megabytes of them pile up.
 */
export function keepYoungGenerationSmall(): void {
  setFlagsFromString('--semi-space-growth-factor=1');
}
