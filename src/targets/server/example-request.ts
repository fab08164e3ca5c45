import type { ServerManifest, ServerPort } from './server-manifest.ts';

/** Longest example that is written out in a command; a longer one is made by the command itself. */
const INLINE_ELEMENTS = 32;

/** Size that an open dimension has in the example where the manifest has none: the smallest, to keep it readable. */
const OPEN_SIZE = 1;

/** A value of each kind of element, as JSON. */
const EXAMPLE_VALUES: Readonly<Record<string, string>> = { string: '"text"', bool: 'true' };

/**
 * A shell command that writes an example of a predict request's body to standard output: one instance of every input, in
 * row form where each input has a batch axis, else columnar.
 */
export function exampleRequestCommand(manifest: ServerManifest): string {
  const { inputs } = manifest;
  const rows = inputs.every(({ shape }) => shape.length > 0 && (typeof shape[0] !== 'number' || shape[0] === 1));
  const shapes = inputs.map((port) => exampleShape(manifest, port).slice(rows ? 1 : 0));
  const total = shapes.reduce((sum, shape) => sum + shape.reduce((count, size) => count * size, 1), 0);
  const texts = inputs.map((port, i) => {
    const value = EXAMPLE_VALUES[port.type] ?? '0';
    return total <= INLINE_ELEMENTS ? nested(shapes[i]!, value) : `fill([${shapes[i]!}], ${value})`;
  });
  const [only] = texts;
  const body =
    inputs.length === 1 ? only! : `{${inputs.map(({ name }, i) => `${JSON.stringify(name)}: ${texts[i]}`).join(', ')}}`;
  const message = rows ? `{"instances": [${body}]}` : `{"inputs": ${body}}`;
  if (total <= INLINE_ELEMENTS) return `echo ${shellQuoted(message)}`;
  const fill =
    'const fill = ([size, ...rest], value) => size === undefined ? value : Array.from({ length: size }, () => fill(rest, value));';
  return `node -e ${shellQuoted(`${fill} console.log(JSON.stringify(${message}))`)}`;
}

/** A shape that the input takes, every open dimension filled in. */
function exampleShape({ exampleShapes = {} }: ServerManifest, { name, shape }: ServerPort): readonly number[] {
  const example = Object.hasOwn(exampleShapes, name) ? exampleShapes[name] : undefined;
  return shape.map((size, axis) => (typeof size === 'number' ? size : (example?.[axis] ?? OPEN_SIZE)));
}

function nested(shape: readonly number[], value: string): string {
  const [size, ...rest] = shape;
  if (size === undefined) return value;
  return `[${Array.from({ length: size }, () => nested(rest, value)).join(', ')}]`;
}

/** Text as one word of a POSIX shell. */
function shellQuoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
