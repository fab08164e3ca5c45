import { findChromium, withChromium } from '../../src/runtime/chromium.ts';
import { TfjsHost } from '../../src/runtime/tfjs-host.ts';
import { ALL_NAMED_MODELS } from '../../test/targets/tfjs/named-models.ts';
import type { Suite } from '../suite.ts';
import { chosenNames, zooMissing, zooModels } from '../zoo/zoo-folder.ts';
import { renderBrowser } from './browser-table.ts';
import { type RuntimesRow, timeRuntimes } from './time-runtimes.ts';
import { type TfjsFormRow, tryTfjsForm } from './try-tfjs-form.ts';

/** Models of the zoo in TensorFlow.js, and those of a browser's size timed in Chromium in each runtime. */
export const browser: Suite = {
  name: 'browser',
  summary: 'The zoo in TensorFlow.js against its recorded outputs, and latency in Chromium in each runtime',
  async run({ names, work, say }) {
    const missing = zooMissing();
    if (missing !== undefined) return { kind: 'skipped', reason: missing };
    const chosen = chosenNames(zooModels(), names);
    const forms: TfjsFormRow[] = [];
    const host = new TfjsHost();
    try {
      for (const name of chosen) {
        const row = await tryTfjsForm(name, host);
        if (row === undefined) continue;
        say(`${name}: ${row.verdict}`);
        forms.push(row);
      }
    } finally {
      await host.close();
    }
    const timed = findChromium() === undefined ? [] : ALL_NAMED_MODELS.filter((name) => chosen.includes(name));
    const times: RuntimesRow[] = [];
    if (timed.length > 0) {
      await withChromium(async (chromium) => {
        for (const name of timed) {
          times.push(await timeRuntimes(chromium, work, name));
          say(`${name}: timed`);
        }
      });
    }
    const wrong = forms.filter(({ verdict }) => verdict === 'differs' || verdict === 'fails').map(({ model }) => model);
    const failed = [...wrong, ...times.filter(({ failures }) => failures.length > 0).map(({ model }) => model)];
    const rows = [{ forms }, { times }];
    return { kind: 'measured', rows, failed, peer: null, markdown: renderBrowser(forms, times) };
  },
};
