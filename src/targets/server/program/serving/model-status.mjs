import { ELEMENT_TYPES } from './element-types.mjs';
import { SIGNATURE } from './predict-message.mjs';

/** @import { Port } from './element-types.mjs' */
/** @import { LoadedModel, VersionEntry } from './model-versions.mjs' */

/**
 * The answer to `GET /v1/models/NAME`: TensorFlow Serving's GetModelStatusResponse.
 *
 * @param {readonly VersionEntry[]} entries
 */
export function statusMessage(entries) {
  return {
    model_version_status: entries.map((entry) => ({
      version: `${entry.version}`,
      state: entry.state,
      status:
        entry.state === 'END'
          ? { error_code: 'INTERNAL', error_message: entry.error }
          : { error_code: 'OK', error_message: '' },
    })),
  };
}

/**
 * The answer to `GET /v1/models/NAME/metadata`: TensorFlow Serving's GetModelMetadataResponse, and beside its
 * `signature_def` what this server knows more, under `modelpress`.
 *
 * @param {string} name
 * @param {LoadedModel} model
 */
export function metadataMessage(name, { version, ports, manifest, sha256, batching, coldReason }) {
  return {
    model_spec: { name, signature_name: '', version: `${version}` },
    metadata: {
      signature_def: {
        signature_def: {
          [SIGNATURE]: {
            inputs: tensorInfos(ports.inputs),
            outputs: tensorInfos(ports.outputs),
            method_name: 'tensorflow/serving/predict',
          },
        },
      },
      modelpress: {
        sha256: sha256 ?? null,
        merging: batching,
        warm: coldReason === undefined ? { done: true } : { done: false, reason: coldReason },
        outputs_not_served: ports.skipped,
        manifest: manifest ?? null,
      },
    },
  };
}

/** @param {readonly Port[]} ports */
function tensorInfos(ports) {
  return Object.fromEntries(
    ports.map(({ name, dtype, dims }) => [
      name,
      {
        dtype: ELEMENT_TYPES[dtype].tensorflow,
        tensor_shape: {
          dim: dims.map((dim) => (typeof dim === 'number' ? { size: `${dim}`, name: '' } : { size: '-1', name: dim })),
          unknown_rank: false,
        },
        name,
      },
    ]),
  );
}
