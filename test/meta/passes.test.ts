import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { PASSES } from '../../passes/index.ts';
import type { PassOption } from '../../src/pass/pass-option.ts';
import { ROOT } from './source-files.ts';

const VERBS = [
  'eliminate',
  'fold',
  'fuse',
  'split',
  'canonicalize',
  'convert',
  'dedupe',
  'infer',
  'inline',
  'lift',
  'lower',
  'prune',
  'quantize',
  'shorten',
  'unroll',
  'calibrate',
  'check',
];

const files = readdirSync(join(ROOT, 'passes'))
  .filter((name) => name.endsWith('.ts') && name !== 'index.ts')
  .map((name) => name.slice(0, -'.ts'.length));

describe('every pass', () => {
  it('is listed, and every listed pass has a file of its name', () => {
    expect(PASSES.map((pass) => pass.name).sort()).toEqual([...files].sort());
  });

  it.each(PASSES.map((pass) => [pass.name, pass] as const))('%s is named, documented and tested', (name, pass) => {
    expect(VERBS).toContain(name.split('-')[0]);
    expect(pass.summary).toMatch(/^[A-Z].*[^.]$/);
    for (const [option, row] of Object.entries(pass.options as Record<string, PassOption>)) {
      expect(row.help, option).toMatch(/^\S.*\S$/);
    }
    const source = readFileSync(join(ROOT, 'passes', `${name}.ts`), 'utf8');
    expect(source).toMatch(/\/\*\*[^/]+\*\//);
    expect(existsSync(join(ROOT, 'test/passes', `${name}.test.ts`)), `test/passes/${name}.test.ts`).toBe(true);
  });
});
