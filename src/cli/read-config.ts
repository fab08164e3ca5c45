import { readFileSync } from 'node:fs';
import { fail } from '../diagnostics/modelpress-error.ts';

/**
 * The options in a JSON config file; the command line's own flags are laid over them.
 *
 * @throws ModelpressError `config-unreadable`, `config-not-json`.
 */
export function readConfig(path: string): Record<string, unknown> {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    return fail(
      {
        code: 'config-unreadable',
        message: `cannot read the config file ${path}: ${reason(error)}`,
        at: path,
        hint: 'Check the path given to --config.',
      },
      error,
    );
  }
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    return fail(
      {
        code: 'config-not-json',
        message: `${path} is not JSON: ${reason(error)}`,
        at: path,
        hint: 'Write the options as one JSON object, as in {"quantize": "int8"}.',
      },
      error,
    );
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return fail({
      code: 'config-not-json',
      message: `${path} holds no JSON object`,
      at: path,
      hint: 'Write the options as one JSON object, as in {"quantize": "int8"}.',
    });
  }
  return value as Record<string, unknown>;
}

function reason(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
