import type { Tensor } from '../../../src/ir/tensor.ts';
import type { BrowserPort } from '../../../src/targets/browser/browser-manifest.ts';
import { emitBrowser } from '../../../src/targets/browser/emit-browser.ts';
import type { TfjsModel } from '../../../src/targets/tfjs/build-tfjs-model.ts';

/** A browser artifact with a TensorFlow.js model as its only candidate. */
export async function emitTfjs(
  directory: string,
  name: string,
  { file, files }: TfjsModel & { readonly kind: 'built' },
  sample: ReadonlyMap<string, Tensor>,
): Promise<void> {
  const inputs = [...sample].map(([port, { dtype, dims }]): BrowserPort => ({ name: port, type: dtype, shape: dims }));
  const candidate = {
    file,
    runtime: 'tfjs',
    precision: 'float32',
    files: [...files.keys()],
    config: {},
    shapes: {},
  } as const;
  await emitBrowser({
    directory,
    files: [...files].map(([path, bytes]) => ({ path, bytes })),
    manifest: {
      model: { name, version: 1 },
      inputs,
      outputs: [],
      browser: { candidates: [candidate], choice: 'It is the only one.' },
    },
    sample,
  });
}
