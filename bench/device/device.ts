import { openModelFile } from '../../src/files/open-model-file.ts';
import { nodesWithin } from '../../src/ir/walk.ts';
import { LiteRtHost } from '../../src/runtime/litert-host.ts';
import type { Suite } from '../suite.ts';
import { chosenNames, zooMissing, zooModelFile, zooModels } from '../zoo/zoo-folder.ts';
import { agreesInFloat, agreesInInt8, type DeviceRow } from './device-row.ts';
import { renderDeviceRows } from './device-table.ts';
import { measureDeviceModel } from './measure-device-model.ts';

/** Operators of classical models that TensorFlow Lite has nothing for. */
const NOT_FOR_DEVICES = /^(TreeEnsemble\w*|ZipMap)$/;

/** The models of the zoo as .tflite, in float32 and in full int8, run in LiteRT. */
export const device: Suite = {
  name: 'device',
  summary:
    'The models of the zoo as .tflite files in LiteRT: agreement in float32, accuracy, size and speed in full int8',
  async run({ names, say }) {
    const missing = zooMissing();
    if (missing !== undefined) return { kind: 'skipped', reason: missing };
    const rows: DeviceRow[] = [];
    const leftOut: string[] = [];
    for (const name of chosenNames(zooModels(), names)) {
      if (!(await isEligible(name))) {
        leftOut.push(name);
        continue;
      }
      const start = performance.now();
      const row = await measureAlone(name);
      rows.push(row);
      say(`${describe(row)} (${((performance.now() - start) / 1000).toFixed(0)} s)`);
    }
    const failed = rows.filter((row) => row.float !== null && !agreesInFloat(row)).map(({ model }) => model);
    return { kind: 'measured', rows, failed, peer: null, markdown: renderDeviceRows(rows, leftOut) };
  },
};

/** Each model has a host of its own, so that one that breaks the runtime breaks no other's. */
async function measureAlone(name: string): Promise<DeviceRow> {
  const host = new LiteRtHost();
  try {
    return await measureDeviceModel(name, host);
  } finally {
    await host.close();
  }
}

async function isEligible(name: string): Promise<boolean> {
  const { graph } = await openModelFile(zooModelFile(name));
  for (const node of nodesWithin(graph)) if (NOT_FOR_DEVICES.test(node.op)) return false;
  const types = [...graph.inputs.map(({ type }) => type), ...graph.outputs.map(({ declared }) => declared)];
  return types.every((type) => type === undefined || (type.kind === 'tensor' && type.dtype !== 'string'));
}

function describe(row: DeviceRow): string {
  if (row.refused !== null) return `${row.model}: ${row.refused.code}, ${row.refused.message}`;
  const float = `difference ${row.float?.difference.toExponential(0)}${agreesInFloat(row) ? '' : ', too much'}`;
  return `${row.model}: ${float}; int8 ${row.int8?.sqnr?.toFixed(1)} dB${agreesInInt8(row) ? '' : ', too little'}`;
}
