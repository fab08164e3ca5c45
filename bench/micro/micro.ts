import { join } from 'node:path';
import { formatBytes } from '../../src/report/format-figures.ts';
import { type Column, markdownTable } from '../markdown-table.ts';
import { findPython } from '../peers/find-python.ts';
import { PROJECT_ROOT } from '../project-root.ts';
import type { Suite } from '../suite.ts';
import { chosenNames, zooMissing, zooModelFile } from '../zoo/zoo-folder.ts';
import { faultsOf, type MicroRow } from './micro-row.ts';
import { runInMicro } from './run-in-micro.ts';

/** Imports that the peer has to have, and what it says of itself. */
const PROBE = `
import importlib.metadata, json, platform
from tflite_micro.python.tflite_micro import runtime
print(json.dumps({"tflite-micro": importlib.metadata.version("tflite-micro"), "Python": platform.python_version()}))
`;

/** Models of the size that microcontrollers run; those of the zoo where it is there. */
const ZOO_MODELS = [
  'mlperf-ic-resnet8',
  'mlperf-kws-dscnn',
  'mlperf-vww-mobilenetv1',
  'mlperf-ad-autoencoder',
  'mobilenetv1-025-224',
  'sevenseg-mobilenetv2',
  'arm-kws-ds-cnn-l',
  'hand-keypoint-mlp',
  'mnist-cntk',
  'cifar-winml-tutorial',
];
const FIXTURES = ['digits-convnet', 'tabular-mlp'];

const COLUMNS: readonly Column<MicroRow>[] = [
  { heading: 'model', align: 'left', text: ({ model }) => model },
  { heading: 'form', align: 'left', text: ({ form }) => form },
  { heading: '.tflite', text: ({ bytes }) => formatBytes(bytes) },
  { heading: 'operators', text: ({ operators }) => String(operators) },
  { heading: 'arena: activations', text: ({ arena }) => String(arena.activations) },
  { heading: 'arena: manifest', text: ({ arena }) => String(arena.bytes) },
  { heading: 'arena: least', text: ({ least }) => (least === null ? '-' : String(least)) },
  { heading: 'difference', text: ({ form, difference }) => differenceText(form, difference) },
  { heading: 'faults', align: 'left', text: (row) => faultsOf(row).join('; ') },
];

/** What microcontrollers need for the device artifact, proven in TensorFlow Lite Micro's own interpreter. */
export const micro: Suite = {
  name: 'micro',
  summary:
    'The device artifact in TensorFlow Lite Micro: the arena of the manifest beside the least that it loads in, and its ' +
    'answer beside that of LiteRT, in steps of the output',
  async run({ names, work, say }) {
    const python = await findPython(PROBE);
    if (python.kind === 'missing') return { kind: 'skipped', reason: `there is no tflite-micro: ${python.reason}` };
    const zoo = zooMissing() === undefined ? ZOO_MODELS : [];
    const rows: MicroRow[] = [];
    for (const model of chosenNames([...FIXTURES, ...zoo], names)) {
      const path = FIXTURES.includes(model)
        ? join(PROJECT_ROOT, 'fixtures', 'models', `${model}.onnx`)
        : zooModelFile(model);
      for (const form of ['float32', 'int8'] as const) {
        const row = await runInMicro({ model, path, form, work, python: python.command });
        say(`${model}, ${form}: ${faultsOf(row).join('; ') || 'as expected'}`);
        rows.push(row);
      }
    }
    const failed = rows.filter((row) => faultsOf(row).length > 0).map(({ model, form }) => `${model} ${form}`);
    return { kind: 'measured', rows, failed, peer: python.versions, markdown: markdownTable(COLUMNS, rows) };
  },
};

function differenceText(form: MicroRow['form'], difference: number | null): string {
  if (difference === null) return '-';
  return form === 'int8' ? `${difference} steps` : difference.toExponential(1);
}
