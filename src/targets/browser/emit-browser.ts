import { fail } from '../../diagnostics/modelpress-error.ts';
import type { Tensor } from '../../ir/tensor.ts';
import { type ArtifactFile, programFiles, type WrittenFile, writeArtifact } from '../artifact-files.ts';
import type { BrowserManifest } from './browser-manifest.ts';
import { browserPage } from './browser-page.ts';
import { browserReadme } from './browser-readme.ts';
import { loaderDeclarations } from './loader-declarations.ts';
import { runtimeFiles } from './runtime-files.ts';
import { runtimeLicense } from './runtime-licenses.ts';
import { sampleFiles } from './sample-files.ts';

/** What a browser artifact is made of. */
export interface BrowserArtifact {
  /** An existing folder to write into. */
  readonly directory: string;
  /** The files of every candidate. */
  readonly files: readonly ArtifactFile[];
  /** The manifest without its `files`, which are filled in from what is written. */
  readonly manifest: BrowserManifest;
  /** One input, which the page runs the model on, for everyone to see. */
  readonly sample: ReadonlyMap<string, Tensor>;
}

/** Where the loader lies, in the sources as in the build. */
const PROGRAM = new URL('./program/', import.meta.url);

/** The loader's list of what is fetched, which names the files of this artifact. */
const FILE_LIST = 'files.js';

/**
 * Writes the browser artifact: the candidates' files, the runtimes that they need, the loader with its types, a page that
 * runs the model on a sample, README.md and manifest.json. It needs nothing from elsewhere.
 *
 * @returns what was written, by path, without manifest.json.
 * @throws ModelpressError `browser-no-candidate` without a candidate, `browser-file-missing` for one whose files are not
 * there, `browser-file-name` for a name that the service worker would not know as a model's.
 */
export async function emitBrowser(artifact: BrowserArtifact): Promise<readonly WrittenFile[]> {
  const { directory, files, manifest, sample } = artifact;
  checkArtifact(files, manifest);
  const runtimes = [...new Set(manifest.browser.candidates.map(({ runtime }) => runtime))];
  const program = (await programFiles(PROGRAM, '.js')).filter(({ path }) => path !== FILE_LIST);
  const carried = (await Promise.all(runtimes.map(runtimeFiles))).flat();
  const fetched = [...files, ...carried, ...sampleFiles(sample)];
  const texts = {
    [FILE_LIST]: fileList(fetched.map(({ path }) => path)),
    'modelpress.d.ts': loaderDeclarations(manifest),
    'index.html': browserPage(manifest),
    'README.md': browserReadme(manifest),
  };
  const written: ArtifactFile[] = [
    ...fetched,
    ...program,
    ...runtimes.map(runtimeLicense),
    ...Object.entries(texts).map(([path, text]) => ({ path, bytes: Buffer.from(text) })),
  ];
  return writeArtifact(directory, written, manifest);
}

function checkArtifact(files: readonly ArtifactFile[], { model, browser }: BrowserManifest): void {
  if (browser.candidates.length === 0) {
    fail({
      code: 'browser-no-candidate',
      message: `the browser artifact of '${model.name}' has no model file to load`,
      hint: 'Give at least one candidate.',
    });
  }
  for (const candidate of browser.candidates) {
    const missing = [candidate.file, ...candidate.files].find((path) => !files.some((file) => file.path === path));
    if (missing !== undefined) {
      fail({
        code: 'browser-file-missing',
        at: missing,
        message: `${missing} of candidate ${candidate.file} is not among the ${files.length} files of the artifact`,
        hint: 'Give every file of every candidate.',
      });
    }
  }
  for (const { path } of files) {
    if (/^model\.[\w.-]+$/.test(path)) continue;
    fail({
      code: 'browser-file-name',
      at: path,
      message: `the model file is called '${path}', expected a name like model.onnx`,
      hint: "Let the names of models and their weights begin with 'model.'.",
    });
  }
}

/** files.js: every file that is fetched by its address, in the form that bundlers recognise. */
function fileList(paths: readonly string[]): string {
  const lines = ['manifest.json', 'sw.js', ...paths]
    .sort()
    .map((path) => `  '${path}': new URL('./${path}', import.meta.url).href,`);
  return `/** Where the files lie that are fetched, in a form that bundlers see, copy and rename. */\nexport const FILES = {\n${lines.join('\n')}\n};\n`;
}
