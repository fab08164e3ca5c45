import { brotliSize } from '../../../measure/measure-size.ts';
import { type BrowserRuntime, runtimeDownload } from '../../../targets/browser/runtime-files.ts';

/** Brotli's quality for runtimes: a fifth of the time that 9 takes, for files 5% larger. */
const QUALITY = 5;

/** What was compressed already: the files of a runtime stay the same as long as the process lives. */
const known = new Map<BrowserRuntime, Promise<number>>();

/** What a first visit downloads of each runtime, in bytes, compressed with brotli. */
export async function runtimeSizes(runtimes: readonly BrowserRuntime[]): Promise<ReadonlyMap<BrowserRuntime, number>> {
  const sizes = [...new Set(runtimes)].map(async (runtime) => {
    const size = known.get(runtime) ?? compressedSize(runtime);
    known.set(runtime, size);
    return [runtime, await size] as const;
  });
  return new Map(await Promise.all(sizes));
}

async function compressedSize(runtime: BrowserRuntime): Promise<number> {
  let sum = 0;
  for (const part of await runtimeDownload(runtime)) sum += await brotliSize(part, QUALITY);
  return sum;
}
