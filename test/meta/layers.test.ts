import { describe, expect, it } from 'vitest';
import { type SourceFile, sourceFiles } from './source-files.ts';

/** The rooms from the ground up. A room imports from its own layer and from those before it, never from a later one. */
const LAYERS: readonly (readonly string[])[] = [
  ['bytes', 'diagnostics', 'random'],
  ['ir'],
  ['ops'],
  ['onnx', 'pass', 'rewrite'],
  ['passes'],
  ['runtime', 'data', 'files'],
  ['quantize', 'prune', 'validate', 'measure'],
  ['tune'],
  ['targets', 'report'],
  ['compile', 'inspect'],
  ['index.ts'],
  ['cli'],
];

/** Rooms that also run in a browser. */
const PORTABLE = new Set(['bytes', 'diagnostics', 'random', 'ir', 'ops', 'onnx', 'pass', 'rewrite', 'passes']);

/** Rooms whose pure arithmetic passes may import although they stand above them. */
const ARITHMETIC = new Set(['quantize', 'prune']);

const files = sourceFiles('src', 'passes');
const byPath = new Map(files.map((file) => [file.path, file]));

function roomOf(path: string): string {
  const [top, second] = path.split('/');
  return top === 'passes' ? 'passes' : (second ?? '');
}

function layerOf(path: string): number {
  return LAYERS.findIndex((rooms) => rooms.includes(roomOf(path)));
}

/** The files that a file needs when it runs, itself included. */
function reached(file: SourceFile): SourceFile[] {
  const seen = new Set<SourceFile>([file]);
  for (const at of seen) {
    for (const path of valueImports(at)) {
      const next = byPath.get(path);
      if (next !== undefined) seen.add(next);
    }
  }
  return [...seen];
}

/** Imports that are still there when types are gone. */
function valueImports(file: SourceFile): string[] {
  return file.imports.filter((path) => {
    const name = path.split('/').at(-1);
    return new RegExp(`^(?:import|export)\\s+(?!type\\s)[^'";]*'[^']*${name?.replaceAll('.', '\\.')}'`, 'm').test(
      file.text,
    );
  });
}

describe('the layers of the house', () => {
  it('know every room', () => {
    expect(files.filter(({ path }) => layerOf(path) < 0).map(({ path }) => path)).toEqual([]);
  });

  it('are imported downwards only', () => {
    const upwards = files.flatMap(({ path, imports }) =>
      imports
        .filter((target) => layerOf(target) > layerOf(path))
        .filter((target) => !(roomOf(path) === 'passes' && ARITHMETIC.has(roomOf(target))))
        .map((target) => `${path} imports ${target}`),
    );
    expect(upwards).toEqual([]);
  });

  it('keep the core free of node: modules and of runtimes, also through what passes import', () => {
    const faults = files
      .filter(({ path }) => PORTABLE.has(roomOf(path)))
      .flatMap((file) =>
        reached(file).flatMap((other) => [
          ...other.packages
            .filter((name) => name.startsWith('node:'))
            .map((name) => `${file.path} reaches ${name} in ${other.path}`),
          ...(roomOf(other.path) === 'runtime' ? [`${file.path} reaches ${other.path}`] : []),
        ]),
      );
    expect(faults).toEqual([]);
  });

  it('have no circles of files', () => {
    const done = new Set<string>();
    const circles: string[] = [];
    const visit = (path: string, trail: readonly string[]): void => {
      if (trail.includes(path)) {
        circles.push([...trail.slice(trail.indexOf(path)), path].join(' -> '));
        return;
      }
      if (done.has(path)) return;
      const file = byPath.get(path);
      for (const next of file === undefined ? [] : valueImports(file)) visit(next, [...trail, path]);
      done.add(path);
    };
    for (const { path } of files) visit(path, []);
    expect(circles).toEqual([]);
  });

  it('have no rooms or files named after nothing', () => {
    const vague = files.filter(({ path }) => /(^|\/)(utils?|helpers?|common|misc|types)(\.|\/)/.test(path));
    expect(vague.map(({ path }) => path)).toEqual([]);
  });
});
