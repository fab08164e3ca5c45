import { createHash } from 'node:crypto';
import { basename, dirname, extname, resolve } from 'node:path';
import { piecesOf } from '../bytes/chunk-content.ts';
import { fileSource } from '../files/file-source.ts';
import type { Model } from '../ir/model.ts';
import { graphsOf } from '../ir/walk.ts';

/** Name of a model from its file: `mobilenet.onnx` is mobilenet, `mobilenet/model.onnx` too. */
export function modelNameOf(path: string): string {
  const stem = basename(path, extname(path));
  const given = stem === 'model' ? basename(dirname(resolve(path))) : stem;
  const cleaned = given
    .replaceAll(/[^\w.-]+/g, '-')
    .replace(/^[^A-Za-z0-9]+/, '')
    .slice(0, 100);
  return cleaned === '' ? 'model' : cleaned;
}

/** SHA-256 of a file, in hexadecimal. */
export function sha256Of(path: string): string {
  const hash = createHash('sha256');
  const source = fileSource(path);
  for (const piece of piecesOf({ source, offset: 0, length: source.size })) hash.update(piece);
  return hash.digest('hex');
}

/** The files that a model as read from disk consists of: its own, and those that its weights are in. */
export function filesOf(model: Model, path: string): string[] {
  const files = new Set([path]);
  for (const graph of graphsOf(model)) {
    for (const value of graph.constants()) {
      const storage = (value.constant ?? value.initial)?.storage;
      if (storage?.kind === 'slice' && storage.source.label !== path) files.add(storage.source.label);
    }
  }
  return [...files];
}
