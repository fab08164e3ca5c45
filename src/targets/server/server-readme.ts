import { exampleRequestCommand } from './example-request.ts';
import { environmentName, OPTION_ROWS } from './program/serving/options.mjs';
import type { ServerManifest, ServerPort } from './server-manifest.ts';

/** The artifact's README.md: how to run it, ask it, version it and watch it, with this model's inputs and options. */
export function serverReadme(manifest: ServerManifest): string {
  const { name, version } = manifest.model;
  const url = 'http://127.0.0.1:8501';
  const model = `${url}/v1/models/${name}`;
  return `# ${name}, version ${version}

Serves the model over HTTP, in the REST shapes of TensorFlow Serving, on fastify and onnxruntime-node (Node 20.19 or newer).

## Run

\`\`\`sh
npm install
node server.mjs
\`\`\`

(.npmrc keeps onnxruntime-node from downloading GPU libraries while it is installed; where npm does not take that from
.npmrc, set \`ONNXRUNTIME_NODE_INSTALL=skip\`.) Or in a container:

\`\`\`sh
docker build -t ${name.toLowerCase()} .
docker run --rm -p 8501:8501 ${name.toLowerCase()}
\`\`\`

Before it answers, the server compares the model's files with the sha256 in manifest.json and refuses to start when one
differs; then it warms the model up. One line of JSON on standard output, \`{"event":"listening",...}\`, tells the port.

## Ask

\`\`\`sh
${exampleRequestCommand(manifest)} > request.json
curl -s --data-binary @request.json ${model}:predict
\`\`\`

${portTable('Input', manifest.inputs)}
${portTable('Output', manifest.outputs)}
| Request | Answer |
| --- | --- |
| \`POST /v1/models/${name}:predict\` | predictions of the newest version |
| \`POST /v1/models/${name}/versions/${version}:predict\` | predictions of one version |
| \`GET /v1/models/${name}\`, \`GET /v1/models/${name}/versions/${version}\` | state of the versions |
| \`GET /v1/models/${name}/metadata\`, \`GET /v1/models/${name}/versions/${version}/metadata\` | inputs, outputs, manifest |
| \`GET /healthz\` | 200 while the process lives |
| \`GET /readyz\` | 200 once the model is loaded and warmed up, 503 before and while stopping |
| \`GET /metrics\` | Prometheus metrics |

A body has \`"instances"\`, a list with one entry per example (a value, or an object with one value per input where there
are several), and is answered with \`"predictions"\`; or \`"inputs"\`, one whole tensor per input, and is answered with
\`"outputs"\`. \`"signature_name"\` may be \`"serving_default"\`. The answer's \`x-model-version\` header tells the version.

- Whole numbers of 64 bits are read and written exactly, also beyond 2^53.
- A string may be given as \`{"b64": "..."}\` and has to hold UTF-8. Outputs whose names end in \`_bytes\` are written so.
- NaN, Infinity and -Infinity are taken as bare tokens and as strings. They are written as bare tokens, as TensorFlow
  Serving does, which strict JSON parsers refuse: \`--non-finite strings\` writes them as strings.
- The content type is not looked at. A compressed body is refused with 415.

Errors have the body \`{"error": "..."}\`: 400 the body does not fit the model, 404 no such model or version, 413 too large a
body or too many instances, 429 too many requests waiting, 503 still loading, stopping or out of time. 429 and 503 carry
\`Retry-After\`.

## Options

A flag wins over the environment, the environment over the default.

| Flag | Environment | Default | |
| --- | --- | --- | --- |
${OPTION_ROWS.map(([option, row]) => `| \`--${option}\` | \`${environmentName(option)}\` | ${row.default === '' ? '' : `\`${row.default}\``} | ${row.help} |`).join('\n')}

## Batches

Runs that wait while the workers are busy are joined along the first axis, up to \`--max-batch-size\` instances;
\`--max-batch-delay-ms\` makes them wait for company even when a worker is idle. That is done only for models for which a
test at load shows that answers do not depend on what else is in the batch; \`modelpress.merging\` in the metadata says
what it found. A model of fixed batch size runs instance by instance (or in pieces of its batch size).

## Versions

Put another version into \`versions/<n>/\` (the model as model.onnx or model.ort, and its manifest.json: the \`server\` folder
of another run will do) and send the process SIGHUP, or start it with \`--poll-versions-ms 5000\`. The highest number that
loads is the default; the others stay reachable by their number. Removing a folder and sending SIGHUP unloads its version
once its requests are answered. A version that does not load is reported and does not disturb the others; at start it
stops the server. Move folders into place by renaming. Without a manifest.json a version is served unverified.

## Stopping

On SIGTERM or SIGINT the server says no on /readyz, keeps serving for \`--drain-delay-ms\`, then accepts no more connections,
answers what is in flight and ends with code 0; after \`--shutdown-timeout-ms\` it drops the rest and ends with 1.

## Watching the data

\`modelpress_input_*\` in /metrics describes what the model is asked about. \`modelpress_input_outside_ratio\` is the share of
input elements, over about the last 100 requests, outside of the range that the model was calibrated on: when it rises the
data has drifted from what the model was made for. \`--monitor off\` switches the statistics off.
`;
}

function portTable(heading: string, ports: readonly ServerPort[]): string {
  const rows = ports.map(
    ({ name, type, shape }) => `| \`${name}\` | ${type} | [${shape.map((dim) => dim ?? '?').join(', ')}] |`,
  );
  return [`| ${heading} | Type | Shape |`, '| --- | --- | --- |', ...rows, ''].join('\n');
}
