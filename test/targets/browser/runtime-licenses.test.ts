import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, it } from 'vitest';
import { apacheTerms, runtimeLicense } from '../../../src/targets/browser/runtime-licenses.ts';
import { temporaryFolders } from '../../data/temporary-folder.ts';

const folderWith = temporaryFolders();

describe('licences of the runtimes', () => {
  it.each(['onnxruntime-web', 'litert', 'tfjs'] as const)('are there for %s', (runtime) => {
    const file = runtimeLicense(runtime);
    const text = 'bytes' in file ? Buffer.from(file.bytes).toString() : '';
    expect(text).toContain(runtime === 'onnxruntime-web' ? 'MIT License' : 'END OF TERMS AND CONDITIONS');
  });

  it('pass over files of other licences on the way up', () => {
    const folder = folderWith({ LICENSE: 'Apache\nEND OF TERMS AND CONDITIONS\nthe rest' });
    mkdirSync(join(folder, 'dist'));
    expect(apacheTerms(pathToFileURL(`${join(folder, 'dist')}/`))).toBe('Apache\nEND OF TERMS AND CONDITIONS\n');
  });

  it('end with an error where the file is missing, not in a search without end', () => {
    const folder = folderWith({ LICENSE: 'MIT License' });
    expect(() => apacheTerms(pathToFileURL(`${folder}/`))).toThrow(
      expect.objectContaining({ code: 'install-incomplete' }),
    );
  });
});
