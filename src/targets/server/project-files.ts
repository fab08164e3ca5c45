import { pinnedDependencies } from './pinned-dependencies.ts';
import type { ServerManifest } from './server-manifest.ts';

/**
 * Keeps onnxruntime-node's install script from contacting a download server for GPU libraries: the CPU library is in the
 * package.
 */
const NPM_SETTINGS = 'onnxruntime-node-install=skip\n';

/** What the image is built from; a folder of versions is mounted, not copied. */
const DOCKER_IGNORE = ['node_modules', 'versions', 'Dockerfile', '.dockerignore', 'README.md', ''].join('\n');

/** Dependencies are installed in a stage of their own, so that npm and its cache stay out of the image. */
const DOCKERFILE = `ARG NODE_VERSION=20

FROM node:\${NODE_VERSION}-slim AS dependencies
WORKDIR /server
COPY package.json .npmrc ./
ENV ONNXRUNTIME_NODE_INSTALL=skip
RUN npm install --omit=dev --no-audit --no-fund

FROM node:\${NODE_VERSION}-slim
ENV NODE_ENV=production HOST=0.0.0.0 PORT=8501
WORKDIR /server
COPY --from=dependencies /server/node_modules ./node_modules
COPY . .
USER node
EXPOSE 8501
HEALTHCHECK --interval=10s --timeout=3s --start-period=60s --retries=3 \\
  CMD ["node", "-e", "fetch('http://127.0.0.1:' + process.env.PORT + '/readyz').then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
CMD ["node", "server.mjs"]
`;

/** The files that make the folder a project of its own: what to install, and how to put it into a container. */
export function projectFiles({ model }: ServerManifest): readonly { readonly path: string; readonly text: string }[] {
  const packageJson = {
    name: `${model.name.toLowerCase().replace(/[^a-z0-9-]+/g, '-')}-server`,
    version: `${model.version}.0.0`,
    private: true,
    description: `Serves the model ${model.name} over HTTP`,
    type: 'module',
    engines: { node: '>=20.19' },
    scripts: { start: 'node server.mjs' },
    dependencies: pinnedDependencies(),
    // Later ones need a cookie package that asks for Node 22.
    overrides: { 'light-my-request': '6.6.0' },
  };
  return [
    { path: 'package.json', text: `${JSON.stringify(packageJson, null, 2)}\n` },
    { path: '.npmrc', text: NPM_SETTINGS },
    { path: 'Dockerfile', text: DOCKERFILE },
    { path: '.dockerignore', text: DOCKER_IGNORE },
  ];
}
