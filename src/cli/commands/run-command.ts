import { SESSION_RUNTIMES } from '../../compile/open-session.ts';
import { type RunOptions, type RunResult, runModel } from '../../compile/run-model.ts';
import { writeNpz } from '../../data/npz.ts';
import { writeFileAtomically } from '../../files/write-file-atomically.ts';
import { kindOf } from '../../ir/dtype.ts';
import { type Tensor, toNumbers, toStrings } from '../../ir/tensor.ts';
import { renderTextTable } from '../../report/render-terminal.ts';
import type { CommandSpec } from '../define-command.ts';
import { EXIT } from '../exit-code.ts';
import { number } from '../flag.ts';
import { optimizeFlag } from '../optimize-flags.ts';

/** Elements of each output that people are shown. */
const SHOWN = 8;

/** `run <model>`: what a model file answers, in the runtime that it is made for. */
export const runCommand: CommandSpec = {
  name: 'run',
  description: 'run a model (.onnx, .ort, .tflite) on data in its real runtime, and show or keep what it answers',
  operands: [['<model>', 'an ONNX model, one in the .ort format, or a .tflite file']],
  flags: [
    {
      key: 'input',
      flags: '--input <[name=]data>',
      parse: (text, before) => [...((before as readonly string[] | undefined) ?? []), text],
      help: 'a dataset; or, given several times, one .npy array for each input (default: made up from the seed)',
    },
    { key: 'output', flags: '-o, --output <file>', help: 'keep all outputs as an .npz archive' },
    { key: 'samples', flags: '--samples <n>', parse: number, help: 'samples to run (default: all)' },
    {
      key: 'runtime',
      flags: '--runtime <name>',
      choices: SESSION_RUNTIMES,
      help: 'run it in another runtime than the one for its kind of file',
    },
    { key: 'raw', flags: '--raw', help: 'quantized inputs and outputs of a .tflite file as the integers they are' },
    ...(['threads', 'seed'] as const).map(optimizeFlag),
  ],
  async run({ operands: [model = ''], given, terminal }) {
    const { output, ...options } = given as RunOptions & { readonly output?: string };
    terminal.status(`loading ${model}`);
    const result = await runModel(model, {
      ...options,
      onProgress: (done, total) => terminal.status(`run ${done}/${total}`),
    });
    terminal.status(undefined);
    for (const diagnostic of result.diagnostics) terminal.diagnostic(diagnostic);
    if (output !== undefined) {
      writeFileAtomically(output, [writeNpz(result.outputs)]);
      terminal.say(`wrote ${output}`);
    }
    return { value: plain(result), text: describe(result), code: EXIT.ok };
  },
};

/** The result as JSON holds it; 64-bit integers are numbers, floats that are none are texts. */
function plain({ runtime, samples, outputs, others }: RunResult): unknown {
  const tensors = Object.fromEntries(
    Array.from(outputs, ([name, tensor]) => [
      name,
      { type: tensor.dtype, shape: tensor.dims, values: valuesOf(tensor).map(jsonNumber) },
    ]),
  );
  return { runtime, samples, outputs: tensors, others: Object.fromEntries(others) };
}

function jsonNumber(value: number | string): number | string {
  return typeof value === 'number' && !Number.isFinite(value) ? String(value) : value;
}

function valuesOf(tensor: Tensor): readonly (number | string)[] {
  return tensor.dtype === 'string' ? toStrings(tensor) : toNumbers(tensor);
}

function describe({ runtime, samples, outputs, others }: RunResult): string {
  const rows = Array.from(outputs, ([name, tensor]) => [
    name,
    `${tensor.dtype}[${tensor.dims.join(', ')}]`,
    ...extremesOf(tensor),
    preview(tensor),
  ]);
  for (const [name, values] of others) rows.push([name, 'no tensor', '', '', JSON.stringify(values.slice(0, 1))]);
  return [
    renderTextTable({ head: ['output', 'type', 'least', 'greatest', 'first values'], rows }),
    `${samples} sample${samples === 1 ? '' : 's'} in ${runtime}`,
  ].join('\n');
}

function extremesOf(tensor: Tensor): readonly [string, string] {
  if (tensor.dtype === 'string' || kindOf(tensor.dtype) === 'bool') return ['', ''];
  const numbers = toNumbers(tensor);
  if (numbers.length === 0) return ['', ''];
  let [least, greatest] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const value of numbers) {
    least = Math.min(least, value);
    greatest = Math.max(greatest, value);
  }
  return [short(least), short(greatest)];
}

function preview(tensor: Tensor): string {
  const values = valuesOf(tensor);
  const shown = values
    .slice(0, SHOWN)
    .map((value) => (typeof value === 'string' ? JSON.stringify(value) : short(value)));
  return values.length > SHOWN ? `${shown.join(' ')} …` : shown.join(' ');
}

function short(value: number): string {
  return Number.isInteger(value) ? String(value) : String(Number(value.toPrecision(5)));
}
