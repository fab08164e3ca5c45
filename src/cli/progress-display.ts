import type { EventListener } from '../compile/events.ts';
import type { PassRecord } from '../pass/run-pipeline.ts';
import { describeCounts } from '../report/comparison-table.ts';
import { formatBytes, formatMilliseconds } from '../report/format-figures.ts';
import type { Terminal } from './terminal.ts';

/** Shows the events of a run: a line for each stage and for each pass that changed something, with its time. */
export function progressDisplay(terminal: Terminal): EventListener {
  let stage = '';
  return (event) => {
    switch (event.kind) {
      case 'stage-start':
        stage = event.stage;
        terminal.status(stage);
        break;
      case 'progress':
        terminal.status(`${event.stage} ${event.done}/${event.total}`);
        break;
      case 'pass-start':
        terminal.status(`${stage}: ${event.pass}`);
        break;
      case 'pass-end':
        if (event.record.changed || event.record.undone) terminal.say(passLine(event.record));
        break;
      case 'stage-end':
        terminal.status(undefined);
        terminal.say(`${event.stage.padEnd(14)}${formatMilliseconds(event.milliseconds).padStart(9)}  ${event.detail}`);
        break;
    }
  };
}

function passLine({ pass, milliseconds, before, after, counts, undone }: PassRecord): string {
  const changes: string[] = [];
  if (before.nodes !== after.nodes) changes.push(`${before.nodes} -> ${after.nodes} nodes`);
  if (before.bytes !== after.bytes) changes.push(`${formatBytes(before.bytes)} -> ${formatBytes(after.bytes)}`);
  const what = undone ? 'taken back' : describeCounts(counts);
  return `  ${pass.padEnd(28)}${formatMilliseconds(milliseconds).padStart(9)}  ${[...changes, what].filter((part) => part !== '').join(', ')}`;
}
