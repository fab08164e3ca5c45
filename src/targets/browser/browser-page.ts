import type { BrowserManifest } from './browser-manifest.ts';

/** The artifact's index.html, which runs the model on the sample beside it and shows the outputs and times. */
export function browserPage({ model }: BrowserManifest): string {
  const title = escaped(`${model.name}, version ${model.version}`);
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="icon" href="data:,">
<title>${title}</title>
<style>
body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; color-scheme: light dark; }
th { text-align: left; font-weight: 600; padding-right: 2rem; vertical-align: top; white-space: nowrap; }
td { font-family: ui-monospace, monospace; overflow-wrap: anywhere; }
#error { color: #b3261e; }
</style>
</head>
<body>
<h1>${title}</h1>
<p>The model runs in this page, on the sample beside it. Nothing is sent anywhere. State: <output id="state"></output></p>
<p id="error"></p>
<table><tbody id="results"></tbody></table>
<script type="module" src="./demo.js"></script>
</body>
</html>
`;
}

function escaped(text: string): string {
  return text.replaceAll(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`);
}
