import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { ArtifactFile } from '../artifact-files.ts';

/** The runtimes that a browser artifact can carry. */
export type BrowserRuntime = 'onnxruntime-web' | 'litert' | 'tfjs';

const LITERT = '@litertjs/core/package.json';

/** A file of a runtime: its name in the artifact's `runtime/`, and where it comes from. */
interface RuntimeFile {
  readonly name: string;
  /** A module beside which it lies, or above the folder that it lies in. */
  readonly anchor: string;
  readonly from: string;
  /** The name that a script declares, where it is no module: the artifact's copy exports it. */
  readonly exported?: string;
  /** Fetched only where the browser has not what the others need, or where there are several threads. */
  readonly onDemand?: true;
}

const FILES: Readonly<Record<BrowserRuntime, readonly RuntimeFile[]>> = {
  // The build without WebGPU and WebGL, half the size of the others; its wasm has one form for one and many threads.
  'onnxruntime-web': beside('onnxruntime-web/ort-wasm-simd-threaded.wasm', [
    'ort.wasm.min.mjs',
    'ort-wasm-simd-threaded.mjs',
    'ort-wasm-simd-threaded.wasm',
  ]),
  // Integer kernels take half the time with relaxed SIMD; browsers that lack it take the other build.
  litert: [
    ...liteRtBuild('litert', 'litert_wasm_internal'),
    ...liteRtBuild('litert-compat', 'litert_wasm_compat_internal').map(onDemand),
    ...liteRtBuild('litert-threaded', 'litert_wasm_threaded_internal').map(onDemand),
    // Threads are started from the script as it is: they take no modules.
    onDemand({ name: 'litert-threaded.js', anchor: LITERT, from: 'wasm/litert_wasm_threaded_internal.js' }),
  ],
  // The smallest of the builds that need no bundler: those for modules import each other by the names of packages.
  tfjs: [
    ...beside('@tensorflow/tfjs-core', ['tf-core.es2017.min.js']),
    ...beside('@tensorflow/tfjs-converter', ['tf-converter.es2017.min.js']),
    ...beside('@tensorflow/tfjs-backend-wasm', ['tf-backend-wasm.es2017.min.js', 'tfjs-backend-wasm-simd.wasm']),
    ...beside('@tensorflow/tfjs-backend-wasm', ['tfjs-backend-wasm-threaded-simd.wasm']).map(onDemand),
  ],
};

function beside(anchor: string, names: readonly string[]): RuntimeFile[] {
  return names.map((name) => ({ name, anchor, from: name }));
}

function liteRtBuild(name: string, from: string): RuntimeFile[] {
  return [
    { name: `${name}.mjs`, anchor: LITERT, from: `wasm/${from}.js`, exported: 'ModuleFactory' },
    { name: `${name}.wasm`, anchor: LITERT, from: `wasm/${from}.wasm` },
  ];
}

function onDemand(file: RuntimeFile): RuntimeFile {
  return { ...file, onDemand: true };
}

/** The files of a runtime, under `runtime/`. */
export function runtimeFiles(runtime: BrowserRuntime): Promise<readonly ArtifactFile[]> {
  return Promise.all(FILES[runtime].map(artifactFile));
}

/** The contents of what a first visit downloads of a runtime, on one thread in an up-to-date browser. */
export async function runtimeDownload(runtime: BrowserRuntime): Promise<readonly Uint8Array[]> {
  const files = FILES[runtime].filter((file) => file.onDemand === undefined);
  const fetched = await Promise.all(files.map(artifactFile));
  return Promise.all(fetched.map((file) => ('bytes' in file ? file.bytes : readFile(file.copyFrom))));
}

async function artifactFile({ name, anchor, from, exported }: RuntimeFile): Promise<ArtifactFile> {
  const path = `runtime/${name}`;
  const copyFrom = join(dirname(createRequire(import.meta.url).resolve(anchor)), from);
  if (exported === undefined) return { path, copyFrom };
  const script = await readFile(copyFrom, 'utf8');
  return { path, bytes: Buffer.from(`${script}\n// Added by modelpress:\nexport default ${exported};\n`) };
}
