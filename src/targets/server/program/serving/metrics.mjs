import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';

/** @import { RunRecord } from './scheduler.mjs' */
/** @import { ModelVersions } from './model-versions.mjs' */

/** From a tiny model on a fast machine to the longest request that anyone waits for, in seconds. */
const SECONDS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

const COUNTS = [1, 2, 4, 8, 16, 32, 64, 128, 256];

/**
 * What the gauges read when they are asked.
 *
 * @typedef {object} Observed
 * @property {ModelVersions} versions
 * @property {() => number} queued
 * @property {() => number} running
 * @property {() => number} inFlight predict requests in the server
 * @property {() => boolean} ready
 *
 * @typedef {object} Metrics
 * @property {Registry} registry
 * @property {(route: string, method: string, status: number, seconds: number) => void} request
 * @property {(version: number, count: number) => void} instances
 * @property {(version: number, record: RunRecord) => void} run
 */

/**
 * The server's Prometheus metrics, in a registry of their own.
 *
 * @param {Observed} observed
 * @returns {Metrics}
 */
export function createMetrics(observed) {
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry });

  const requests = new Counter({
    name: 'modelpress_http_requests_total',
    help: 'HTTP requests answered',
    labelNames: ['route', 'method', 'status'],
    registers,
  });
  const latency = new Histogram({
    name: 'modelpress_http_request_duration_seconds',
    help: 'Time from the head of a request to the end of its answer',
    labelNames: ['route'],
    buckets: SECONDS,
    registers,
  });
  const instances = new Counter({
    name: 'modelpress_instances_total',
    help: 'Instances that predictions were asked for',
    labelNames: ['version'],
    registers,
  });
  const inference = new Histogram({
    name: 'modelpress_inference_duration_seconds',
    help: 'Time of one run of the model',
    labelNames: ['version'],
    buckets: SECONDS,
    registers,
  });
  const waiting = new Histogram({
    name: 'modelpress_queue_wait_seconds',
    help: 'Time that a run waited for a worker and for others to join it',
    labelNames: ['version'],
    buckets: SECONDS,
    registers,
  });
  const batchRows = new Histogram({
    name: 'modelpress_batch_rows',
    help: 'Instances in one run of the model',
    labelNames: ['version'],
    buckets: COUNTS,
    registers,
  });
  const batchRequests = new Histogram({
    name: 'modelpress_batch_requests',
    help: 'Requests, or parts of a large one, that shared one run of the model',
    labelNames: ['version'],
    buckets: COUNTS,
    registers,
  });
  addGauges(registry, observed);

  return {
    registry,
    request: (route, method, status, seconds) => {
      requests.inc({ route, method, status });
      latency.observe({ route }, seconds);
    },
    instances: (version, count) => instances.inc({ version }, count),
    run: (version, { rows, requests: count, seconds, waited }) => {
      inference.observe({ version }, seconds);
      batchRows.observe({ version }, rows);
      batchRequests.observe({ version }, count);
      for (const time of waited) waiting.observe({ version }, time);
    },
  };
}

/**
 * @param {Registry} registry
 * @param {Observed} observed
 */
function addGauges(registry, { versions, queued, running, inFlight, ready }) {
  /** @type {readonly [string, string, () => number][]} */
  const rows = [
    ['modelpress_queue_length', 'Runs that wait for a worker', queued],
    ['modelpress_running', 'Runs of the model under way', running],
    ['modelpress_in_flight_requests', 'Predict requests in the server', inFlight],
    ['modelpress_ready', '1 when the server takes predict requests', () => Number(ready())],
  ];
  for (const [name, help, read] of rows) {
    new Gauge({
      name,
      help,
      registers: [registry],
      collect() {
        this.set(read());
      },
    });
  }
  new Gauge({
    name: 'modelpress_model_info',
    help: '1 for each version of the model, with its state and what it is',
    labelNames: ['model', 'version', 'state', 'sha256', 'merging'],
    registers: [registry],
    collect() {
      this.reset();
      for (const entry of versions.list()) {
        const model = entry.state === 'AVAILABLE' ? entry.model : undefined;
        const labels = { model: versions.name, version: entry.version, state: entry.state };
        this.set({ ...labels, sha256: model?.sha256 ?? '', merging: `${model?.batching.mergeable ?? ''}` }, 1);
      }
    },
  });
}
