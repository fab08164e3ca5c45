import { findChromium } from '../../src/runtime/chromium.ts';
import { TfjsHost } from '../../src/runtime/tfjs-host.ts';
import type { Suite } from '../suite.ts';
import { chosenNames, zooMissing, zooModels } from '../zoo/zoo-folder.ts';
import { renderBrowser } from './browser-table.ts';
import { type OfferRow, offerForms } from './offer-forms.ts';
import { type TfjsFormRow, tryTfjsForm } from './try-tfjs-form.ts';

/** Models of the zoo in TensorFlow.js, and what their browser artifacts offer in Chromium. */
export const browser: Suite = {
  name: 'browser',
  summary:
    'The zoo in TensorFlow.js against its recorded outputs, and in Chromium in every runtime: agreement, latency, download',
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
    const offers: OfferRow[] = [];
    for (const { model } of findChromium() === undefined ? [] : forms) {
      const row = await offerForms(work, model);
      say(`${model}: ${row.forms.length} forms in Chromium`);
      offers.push(row);
    }
    const wrong = forms.filter(({ verdict }) => verdict === 'differs' || verdict === 'fails').map(({ model }) => model);
    const failed = [...wrong, ...offers.filter((row) => row.forms.length === 0).map(({ model }) => model)];
    const rows = [{ forms }, { offers }];
    return { kind: 'measured', rows, failed, peer: null, markdown: renderBrowser(forms, offers) };
  },
};
