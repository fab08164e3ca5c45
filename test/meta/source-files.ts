import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve, sep } from 'node:path';

export const ROOT = resolve(import.meta.dirname, '../..');

/** A source file and what it imports, by paths from the project's root. */
export interface SourceFile {
  readonly path: string;
  readonly text: string;
  /** Files of the project that it imports, also where only a type is. */
  readonly imports: readonly string[];
  /** Packages and `node:` modules that it imports for their values. */
  readonly packages: readonly string[];
}

/** Every TypeScript and JavaScript file below the given folders. */
export function sourceFiles(...folders: readonly string[]): SourceFile[] {
  return folders.flatMap((folder) =>
    readdirSync(join(ROOT, folder), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && /\.(ts|mjs)$/.test(entry.name) && !entry.name.endsWith('.d.ts'))
      .map((entry) => readSource(join(entry.parentPath, entry.name))),
  );
}

function readSource(file: string): SourceFile {
  const text = readFileSync(file, 'utf8');
  const imports: string[] = [];
  const packages: string[] = [];
  for (const match of text.matchAll(/^(?:import|export)\s+(type\s)?(?:[^'";]*?\sfrom\s+)?'([^']+)'/gm)) {
    const [, type, target] = match as unknown as [string, string | undefined, string];
    if (target.startsWith('.')) imports.push(fromRoot(resolve(dirname(file), target)));
    else if (type === undefined) packages.push(target);
  }
  return { path: fromRoot(file), text, imports, packages };
}

function fromRoot(file: string): string {
  return relative(ROOT, file).split(sep).join('/');
}
