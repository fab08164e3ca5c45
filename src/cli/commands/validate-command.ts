import { type ValidateOptions, type ValidateResult, validateModel } from '../../compile/validate-model.ts';
import { renderTextTable } from '../../report/render-terminal.ts';
import type { CommandSpec } from '../define-command.ts';
import { EXIT } from '../exit-code.ts';
import { optimizeFlag } from '../optimize-flags.ts';
import { gateLine, validationTable } from '../validation-table.ts';

/** `validate <candidate>`: holds a model against the one it stands for, on data. */
export const validateCommand: CommandSpec = {
  name: 'validate',
  description: 'run a model beside its reference over the same data, compare them, and judge the drop',
  operands: [['<candidate>', 'an ONNX model, one in the .ort format, or a .tflite file']],
  flags: [
    { key: 'reference', flags: '--reference <model>', help: 'the model that it is held against', required: true },
    { key: 'data', flags: '--data <data>', help: 'samples, labelled where accuracy is to be measured', required: true },
    ...(['metric', 'maxDrop', 'validationSamples', 'threads', 'seed'] as const).map(optimizeFlag),
  ],
  async run({ operands: [candidate = ''], given, terminal }) {
    const result = await validateModel(candidate, {
      ...(given as unknown as ValidateOptions),
      onProgress: (done, total) => terminal.status(`validate ${done}/${total}`),
    });
    terminal.status(undefined);
    const { evaluation, gate, passed } = result;
    for (const diagnostic of [...evaluation.diagnostics, ...(gate?.diagnostics ?? [])]) terminal.diagnostic(diagnostic);
    return { value: result, text: describe(result), code: passed ? EXIT.ok : EXIT.gateFailed };
  },
};

function describe({ evaluation, gate }: ValidateResult): string {
  const { dataset, samples, primary } = evaluation;
  const lines = [
    `${samples} samples of ${dataset.label}; judged by ${primary.metric} against the ${primary.against === 'labels' ? 'labels' : "reference's outputs"}, because ${primary.reason}`,
    renderTextTable(validationTable(evaluation)),
  ];
  if (gate !== null) lines.push(gateLine(gate, evaluation));
  return lines.join('\n');
}
