import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { helpText, parseOptions } from './serving/options.mjs';
import { serve } from './serving/serve.mjs';

/** Exit codes: wrong usage, and a model that cannot be served. */
const [WRONG_USAGE, FAILED] = [2, 1];

// ONNX Runtime reports its use to its makers unless told not to; worker threads cannot tell it any more.
process.env.ORT_DISABLE_TELEMETRY ??= '1';

const parsed = parseOptions(process.argv.slice(2), process.env);
switch (parsed.kind) {
  case 'help':
    process.stdout.write(helpText());
    break;
  case 'wrong':
    process.stderr.write(`error: ${parsed.message}\nnext: node server.mjs --help lists the options\n`);
    process.exitCode = WRONG_USAGE;
    break;
  case 'run':
    serve(dirname(fileURLToPath(import.meta.url)), parsed.options).catch((error) => {
      process.stderr.write(`error: ${error instanceof Error ? error.message : String(error)}\n`);
      process.exit(FAILED);
    });
    break;
}
