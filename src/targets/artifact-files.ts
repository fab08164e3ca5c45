import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { copyFile, mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { dirname, join, sep } from 'node:path';

/** A file of an artifact, with a path relative to it: from memory, or copied from another place. */
export type ArtifactFile =
  | { readonly path: string; readonly bytes: Uint8Array }
  | { readonly path: string; readonly copyFrom: string };

/** A file that was written, as manifest.json lists it. */
export interface WrittenFile {
  readonly path: string;
  readonly bytes: number;
  readonly sha256: string;
}

/**
 * Writes the files of an artifact into a folder, and manifest.json, which lists them, last.
 *
 * @param manifest without its `files`, which are filled in from what is written.
 * @returns what was written, by path, without manifest.json.
 */
export async function writeArtifact(
  directory: string,
  files: readonly ArtifactFile[],
  manifest: object,
): Promise<readonly WrittenFile[]> {
  for (const file of files) await writeArtifactFile(directory, file);
  const listed = await Promise.all(files.map(({ path }) => describeFile(directory, path)));
  listed.sort((a, b) => (a.path < b.path ? -1 : 1));
  await writeFile(join(directory, 'manifest.json'), `${JSON.stringify({ ...manifest, files: listed }, null, 2)}\n`);
  return listed;
}

/** The scripts under a folder as they are, without the references to source maps that the build adds. */
export async function programFiles(folder: URL, extension: string): Promise<ArtifactFile[]> {
  const names = (await readdir(folder, { recursive: true })).filter((name) => name.endsWith(extension)).sort();
  return Promise.all(
    names.map(async (name) => {
      const path = name.split(sep).join('/');
      const text = await readFile(new URL(path, folder), 'utf8');
      return { path, bytes: Buffer.from(text.replace(/\n\/\/# sourceMappingURL=.*\s*$/, '\n')) };
    }),
  );
}

async function writeArtifactFile(directory: string, file: ArtifactFile): Promise<void> {
  const path = join(directory, file.path);
  await mkdir(dirname(path), { recursive: true });
  if ('bytes' in file) await writeFile(path, file.bytes);
  else if (file.copyFrom !== path) await copyFile(file.copyFrom, path);
}

async function describeFile(directory: string, path: string): Promise<WrittenFile> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(join(directory, path))) hash.update(chunk as Buffer);
  return { path, bytes: (await stat(join(directory, path))).size, sha256: hash.digest('hex') };
}
