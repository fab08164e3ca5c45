import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { ArtifactFile } from '../artifact-files.ts';

/** The runtimes that a browser artifact can carry. */
export type BrowserRuntime = 'onnxruntime-web' | 'litert';

/** A file of a runtime: its name in the artifact's `runtime/`, and where it comes from in the runtime's package. */
interface RuntimeFile {
  readonly name: string;
  readonly from: string;
  /** The name that a script declares, where it is no module: the artifact's copy exports it. */
  readonly exported?: string;
  /** Fetched only where the browser has not what the others need, or where there are several threads. */
  readonly onDemand?: true;
}

interface RuntimePackage {
  /** A module by which the package's folder is found. */
  readonly anchor: string;
  readonly files: readonly RuntimeFile[];
}

const PACKAGES: Readonly<Record<BrowserRuntime, RuntimePackage>> = {
  // The build without WebGPU and WebGL, half the size of the others; its wasm has one form for one and many threads.
  'onnxruntime-web': {
    anchor: 'onnxruntime-web/ort-wasm-simd-threaded.wasm',
    files: ['ort.wasm.min.mjs', 'ort-wasm-simd-threaded.mjs', 'ort-wasm-simd-threaded.wasm'].map((name) => ({
      name,
      from: name,
    })),
  },
  // Integer kernels take half the time with relaxed SIMD; browsers that lack it take the other build.
  litert: {
    anchor: '@litertjs/core/package.json',
    files: [
      ...liteRtBuild('litert', 'litert_wasm_internal'),
      ...liteRtBuild('litert-compat', 'litert_wasm_compat_internal').map(onDemand),
      ...liteRtBuild('litert-threaded', 'litert_wasm_threaded_internal').map(onDemand),
      // Threads are started from the script as it is: they take no modules.
      onDemand({ name: 'litert-threaded.js', from: 'wasm/litert_wasm_threaded_internal.js' }),
    ],
  },
};

function liteRtBuild(name: string, from: string): RuntimeFile[] {
  return [
    { name: `${name}.mjs`, from: `wasm/${from}.js`, exported: 'ModuleFactory' },
    { name: `${name}.wasm`, from: `wasm/${from}.wasm` },
  ];
}

function onDemand(file: RuntimeFile): RuntimeFile {
  return { ...file, onDemand: true };
}

/** The files of a runtime, under `runtime/`. */
export function runtimeFiles(runtime: BrowserRuntime): Promise<readonly ArtifactFile[]> {
  return Promise.all(PACKAGES[runtime].files.map((file) => artifactFile(runtime, file)));
}

/** The contents of what a first visit downloads of a runtime, on one thread in an up-to-date browser. */
export async function runtimeDownload(runtime: BrowserRuntime): Promise<readonly Uint8Array[]> {
  const files = PACKAGES[runtime].files.filter((file) => file.onDemand === undefined);
  const fetched = await Promise.all(files.map((file) => artifactFile(runtime, file)));
  return Promise.all(fetched.map((file) => ('bytes' in file ? file.bytes : readFile(file.copyFrom))));
}

async function artifactFile(runtime: BrowserRuntime, { name, from, exported }: RuntimeFile): Promise<ArtifactFile> {
  const path = `runtime/${name}`;
  const copyFrom = join(dirname(createRequire(import.meta.url).resolve(PACKAGES[runtime].anchor)), from);
  if (exported === undefined) return { path, copyFrom };
  const script = await readFile(copyFrom, 'utf8');
  return { path, bytes: Buffer.from(`${script}\n// Added by modelpress:\nexport default ${exported};\n`) };
}
