import type { BrowserCandidate, BrowserManifest, BrowserPort } from './browser-manifest.ts';
import type { BrowserRuntime } from './runtime-files.ts';

/** The artifact's README.md: how to try, use and host it, and what being in a browser means for the model. */
export function browserReadme(manifest: BrowserManifest): string {
  const { model, inputs, outputs, browser } = manifest;
  const feeds = inputs.map(({ name }) => `${JSON.stringify(name)}: /* … */`).join(', ');
  const [first] = outputs;
  return `# ${model.name}, version ${model.version}, for the browser

**A model in a browser is public.** Whoever can open the page can download and keep the model files, and the sample beside
them, which is one of the inputs that the model was validated with. Keep a model that has to stay secret on a server, and
replace \`sample.json\` and \`sample.bin\` if the sample must not be seen.

## Try

\`\`\`sh
npx optimize serve .
\`\`\`

and open the address that it prints: \`index.html\` runs the model on the sample and shows its outputs and times. Opening
the file itself does not work: browsers load modules only over HTTP.

## Use

\`\`\`js
import { load, keepOffline } from './modelpress.js';

const model = await load();
const outputs = await model.predict({ ${feeds} });
console.log(outputs[${JSON.stringify(first?.name ?? '')}].data);
model.dispose();
\`\`\`

${portTable('Input', inputs)}
${portTable('Output', outputs)}
Values are typed arrays (float16 as bit patterns in a Uint16Array, 64-bit integers as BigInt64Array), flat arrays of numbers,
or \`{ data, dims }\` where more than one dimension is open. The model runs in a thread of its own, so the page stays
responsive; \`dispose()\` ends that thread, which frees all its memory. The files are compared with the sha256 in
manifest.json before they are used. \`modelpress.d.ts\` has the types.

Without a bundler, serve this folder as it is. With Vite, webpack or Rollup, put the folder among your sources and import
\`modelpress.js\`: \`files.js\` names every file in the form that they recognise and copy.

## Model files

${browser.candidates.map((candidate, i) => `${i + 1}. ${described(candidate)}`).join('\n')}

\`load()\` takes the first that loads; \`load({ file })\` takes the one that you name. ${browser.choice}
${browser.candidates.some(takesOneShape) ? ONE_SHAPE : ''}${usesTfjs(manifest) ? NARROW_INTEGERS : ''}
Of \`runtime/\`, a visitor downloads only the build that the browser can use and the page's number of threads asks for.

## Hosting

- Serve it from https or localhost: elsewhere browsers have no Cache Storage, no service worker and no sha256.
- For several threads the page has to be cross-origin isolated, with two headers on the page and on what it loads:

  \`\`\`
  Cross-Origin-Opener-Policy: same-origin
  Cross-Origin-Embedder-Policy: require-corp
  \`\`\`

  \`optimize serve\` sends them. Without them everything works on one thread. With them, what comes from other origins has
  to allow it (\`Cross-Origin-Resource-Policy\` or CORS).
- Send \`.wasm\` as \`application/wasm\`, \`.js\` and \`.mjs\` as \`text/javascript\`, and compress them: brotli makes the runtime
  a fifth of its size.
- A content security policy needs \`script-src 'self' 'wasm-unsafe-eval'\` and \`worker-src 'self' blob:\`${usesTfjs(manifest) ? ", for TensorFlow.js `connect-src 'self' blob:` too" : ''}.

## Without a network

\`load()\` keeps the model and runtime files in Cache Storage under their sha256; a new version replaces them.
\`keepOffline()\` registers \`sw.js\`, which keeps the scripts too. It covers the folder that \`sw.js\` lies in, so it is for
the folder as it is; an application that is bundled brings a service worker of its own.
`;
}

/** What a file with fixed shapes means for its caller. */
const ONE_SHAPE = `
Where a file takes an input in one shape only and \`predict()\` gets another, the next file of the list that takes it is
loaded too, and answers; of \`load({ file })\` it is an error with the code \`feed-shape\`.
`;

/** What holds of integers in TensorFlow.js. */
const NARROW_INTEGERS = `
In TensorFlow.js integers have 32 bits, those of 64 bits too: an input that does not fit is an error. Its weights
come in files of at most 4 MB beside the \`.json\` that names them.
`;

const RUNTIMES: Readonly<Record<BrowserRuntime, string>> = {
  'onnxruntime-web': 'ONNX Runtime Web',
  litert: 'LiteRT',
  tfjs: 'TensorFlow.js (`tfjs`)',
};

function usesTfjs({ browser }: BrowserManifest): boolean {
  return browser.candidates.some(({ runtime }) => runtime === 'tfjs');
}

function described(candidate: BrowserCandidate): string {
  const { file, runtime, precision, shapes } = candidate;
  const text = `\`${file}\`: ${precision}, ${RUNTIMES[runtime]}`;
  if (!takesOneShape(candidate)) return text;
  const fixed = Object.entries(shapes).map(([name, shape]) => `\`${name}\` as [${shape.join(', ')}]`);
  return `${text}; takes ${fixed.join(' and ')} only`;
}

function takesOneShape({ shapes }: BrowserCandidate): boolean {
  return Object.keys(shapes).length > 0;
}

function portTable(heading: string, ports: readonly BrowserPort[]): string {
  const rows = ports.map(
    ({ name, type, shape }) => `| \`${name}\` | ${type} | [${shape.map((dim) => dim ?? '?').join(', ')}] |`,
  );
  return [`| ${heading} | Type | Shape |`, '| --- | --- | --- |', ...rows, ''].join('\n');
}
