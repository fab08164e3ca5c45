import { parseJson } from './json-text.mjs';
import { badRequest, tooLarge } from './request-error.mjs';
import { decodeTensor, rowTexts, shapeText, tensorText } from './tensor-codec.mjs';

/** @import { HostTensor, Port } from './element-types.mjs' */

/**
 * One tensor per input, keyed by its name.
 * @typedef {ReadonlyMap<string, HostTensor>} Feed
 *
 * The two forms of a request in TensorFlow Serving: a list of instances, or one whole tensor per input.
 * @typedef {'row' | 'columnar'} Form
 *
 * @typedef {{ readonly form: Form, readonly feed: Feed, readonly instances: number | undefined }} PredictRequest
 */

/** The one signature that an ONNX model has, under the name that TensorFlow gives to the default. */
export const SIGNATURE = 'serving_default';

/**
 * Reads the body of a predict request.
 *
 * @param {Uint8Array} body
 * @param {{ readonly inputs: readonly Port[] }} model
 * @param {{ maxInstances: number }} limits
 * @returns {PredictRequest} `instances` is undefined in columnar form
 * @throws {import('./request-error.mjs').RequestError} 400 on a body that does not fit the model, 413 on too many instances
 */
export function readPredictRequest(body, model, { maxInstances }) {
  const message = readObject(
    body,
    model.inputs.some(({ dtype }) => dtype === 'int64' || dtype === 'uint64'),
  );
  const { signature_name: signature, instances, inputs } = message;
  if (signature !== undefined && signature !== '' && signature !== SIGNATURE) {
    throw badRequest(`signature_name is ${JSON.stringify(signature)}, this model has only "${SIGNATURE}"`);
  }
  if ((instances === undefined) === (inputs === undefined)) {
    throw badRequest('the body holds either "instances" (one entry per example) or "inputs" (one tensor per input)');
  }
  if (instances === undefined) {
    return { form: 'columnar', feed: readColumns(inputs, model.inputs), instances: undefined };
  }
  if (!Array.isArray(instances) || instances.length === 0)
    throw badRequest('"instances" is a list with at least one entry');
  if (instances.length > maxInstances) {
    throw tooLarge(`${instances.length} instances, at most ${maxInstances} are taken in one request`);
  }
  return { form: 'row', feed: readRows(instances, model.inputs), instances: instances.length };
}

/**
 * @param {Uint8Array} body
 * @param {boolean} exactIntegers
 * @returns {Readonly<Record<string, unknown>>}
 */
function readObject(body, exactIntegers) {
  let message;
  try {
    message = parseJson(new TextDecoder('utf-8', { fatal: true }).decode(body), { exactIntegers });
  } catch (error) {
    throw badRequest(`the body is no JSON: ${error instanceof Error ? error.message : String(error)}`);
  }
  if (!isObject(message)) throw badRequest('the body is a JSON object with "instances" or "inputs"');
  return message;
}

/**
 * @param {readonly unknown[]} instances
 * @param {readonly Port[]} ports
 * @returns {Feed}
 */
function readRows(instances, ports) {
  const [only] = ports.length === 1 ? ports : [];
  const named = only === undefined || instances.every((item) => isObject(item) && Object.hasOwn(item, only.name));
  if (only !== undefined && !named)
    return new Map([[only.name, decodeTensor(instances, stackOf(only, instances.length))]]);
  for (const [i, item] of instances.entries()) {
    if (!isObject(item)) throw badRequest(`instance ${i} is an object with the inputs ${namesText(ports)}`);
    checkNames(Object.keys(item), ports, `instance ${i}`);
  }
  const rows = /** @type {readonly Record<string, unknown>[]} */ (instances);
  return new Map(
    ports.map((port) => [
      port.name,
      decodeTensor(
        rows.map((row) => row[port.name]),
        stackOf(port, instances.length),
      ),
    ]),
  );
}

/**
 * The port that stacked instances have to fit: a fixed batch may be given a multiple of times.
 *
 * @param {Port} port
 * @param {number} count
 * @returns {Port}
 */
function stackOf(port, count) {
  const [batch, ...rest] = port.dims;
  if (typeof batch !== 'number') return port;
  if (batch === 0 || count % batch !== 0) {
    throw badRequest(
      `input "${port.name}" has shape ${shapeText(port.dims)}: instances come in multiples of ${batch}, found ${count}`,
    );
  }
  return { ...port, dims: ['', ...rest] };
}

/**
 * @param {unknown} inputs
 * @param {readonly Port[]} ports
 * @returns {Feed}
 */
function readColumns(inputs, ports) {
  const [only] = ports.length === 1 ? ports : [];
  if (only !== undefined && !(isObject(inputs) && Object.hasOwn(inputs, only.name))) {
    return new Map([[only.name, decodeTensor(inputs, only)]]);
  }
  if (!isObject(inputs)) throw badRequest(`"inputs" is an object with the inputs ${namesText(ports)}`);
  checkNames(Object.keys(inputs), ports, '"inputs"');
  return new Map(ports.map((port) => [port.name, decodeTensor(inputs[port.name], port)]));
}

/**
 * @param {readonly string[]} given
 * @param {readonly Port[]} ports
 * @param {string} where
 */
function checkNames(given, ports, where) {
  const missing = ports.filter(({ name }) => !given.includes(name));
  if (missing.length > 0) throw badRequest(`${where} lacks ${namesText(missing)}`);
  const unknown = given.find((name) => !ports.some((port) => port.name === name));
  if (unknown !== undefined) {
    throw badRequest(`${where} has "${unknown}", which is none of the inputs ${namesText(ports)}`);
  }
}

/**
 * The body of the answer, in the form of the request: an output alone goes without its name. Outputs named `..._bytes`
 * are written in base64.
 *
 * @param {PredictRequest} request
 * @param {Feed} outputs
 * @param {{ nonFinite: 'tokens' | 'strings' }} options
 * @throws {import('./request-error.mjs').RequestError} 400 where an output has no entry for each instance
 */
export function predictResponse(request, outputs, { nonFinite }) {
  /** @param {string} name */
  const form = (name) => ({ nonFinite, base64: name.endsWith('_bytes') });
  if (request.form === 'columnar') {
    const texts = [...outputs].map(([name, tensor]) => ({ name, text: tensorText(tensor, form(name)) }));
    return `{"outputs":${objectText(texts)}}`;
  }
  const columns = [...outputs].map(([name, tensor]) => {
    if (tensor.dims.length === 0 || tensor.dims[0] !== request.instances) {
      throw badRequest(
        `output "${name}" of shape ${shapeText(tensor.dims)} has no entry for each of the ${request.instances} instances: send columnar "inputs"`,
      );
    }
    return { name, texts: rowTexts(tensor, form(name)) };
  });
  const rows = Array.from({ length: request.instances ?? 0 }, (_, row) =>
    objectText(columns.map(({ name, texts }) => ({ name, text: texts[row] ?? 'null' }))),
  );
  return `{"predictions":[${rows.join(',')}]}`;
}

/** @param {readonly { readonly name: string, readonly text: string }[]} fields */
function objectText(fields) {
  if (fields.length === 1) return fields[0]?.text ?? '';
  return `{${fields.map(({ name, text }) => `${JSON.stringify(name)}:${text}`).join(',')}}`;
}

/**
 * @param {unknown} value
 * @returns {value is Readonly<Record<string, unknown>>}
 */
function isObject(value) {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** @param {readonly Port[]} ports */
function namesText(ports) {
  return ports.map(({ name }) => `"${name}"`).join(', ');
}
