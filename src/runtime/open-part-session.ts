import { type Chunk, joinChunks } from '../bytes/byte-source.ts';
import { piecesOf } from '../bytes/chunk-content.ts';
import { fail } from '../diagnostics/modelpress-error.ts';
import type { Model } from '../ir/model.ts';
import type { Tensor } from '../ir/tensor.ts';
import type { Value } from '../ir/value.ts';
import type { ValueType } from '../ir/value-type.ts';
import { encodeModel } from '../onnx/encode-model.ts';
import { openOrtSession } from './onnxruntime-node.ts';
import { buildParts, type ModelPart } from './parts/build-part.ts';
import { cutModel } from './parts/cut-model.ts';
import type { OutputValue, Port, Session, SessionOptions } from './session.ts';

/**
 * Weights of a part in bytes. ONNX Runtime holds them up to twice while it packs them, beside the bytes that it is given:
 * with it a process stays far below a gigabyte, and a layer of a large model still is a part of its own.
 */
const PART_BYTES = 2 ** 26;

/** Name of the weights of a part, which are handed over beside its graph. */
const LOCATION = 'weights';

/** A part as ONNX Runtime takes it. */
interface EncodedPart extends ModelPart {
  readonly graph: Uint8Array;
  readonly weights: readonly Chunk[];
  readonly weightBytes: number;
}

/**
 * Opens a model to be run in ONNX Runtime part by part: each part is loaded, run and released in every run, so that never
 * more than one is held, however large the model. The outputs are those of the model as a whole, but for what the
 * runtime's own rewrites would do across parts. A run reads every weight once from where it lies.
 *
 * @throws ModelpressError what `encodeModel` throws; the session's `run` throws `runtime-load-failed` and
 * `runtime-run-failed`.
 */
export function openPartSession(model: Model, options: SessionOptions & { readonly partBytes?: number } = {}): Session {
  const { partBytes = PART_BYTES, ...sessionOptions } = options;
  const cut = cutModel(model, partBytes);
  const parts = buildParts(model, cut).map(encodePart);
  const inputs = model.graph.inputs.filter(({ initial }) => initial === undefined);
  const outputs = model.graph.outputs.map(({ name, declared, value }) => portOf(name, cut.typeOf(value) ?? declared));
  return new PartSession(
    parts,
    inputs.map((value: Value) => portOf(value.name, value.type)),
    outputs,
    sessionOptions,
  );
}

class PartSession implements Session {
  readonly runtime = 'onnxruntime-node';
  readonly inputs: readonly Port[];
  readonly outputs: readonly Port[];
  readonly #parts: readonly EncodedPart[];
  readonly #options: SessionOptions;
  /** Holds the weights of the part that runs; one for all, for the garbage of one per part would pile up. */
  #weights: Uint8Array | undefined;
  /** The end of the runs so far: the parts of two must not share the memory. */
  #last: Promise<unknown> = Promise.resolve();
  #closed = false;

  constructor(
    parts: readonly EncodedPart[],
    inputs: readonly Port[],
    outputs: readonly Port[],
    options: SessionOptions,
  ) {
    this.#parts = parts;
    this.inputs = inputs;
    this.outputs = outputs;
    this.#options = options;
  }

  run(feed: ReadonlyMap<string, Tensor>, wanted?: readonly string[]): Promise<ReadonlyMap<string, OutputValue>> {
    const result = this.#last.then(() => this.#run(feed, wanted));
    this.#last = result.catch(() => undefined);
    return result;
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#last;
    this.#weights = undefined;
  }

  async #run(feed: ReadonlyMap<string, Tensor>, wanted?: readonly string[]): Promise<ReadonlyMap<string, OutputValue>> {
    if (this.#closed) fail({ code: 'runtime-closed', message: 'the session is closed' });
    const asked = wanted ?? this.outputs.filter(({ dtype }) => dtype !== 'non-tensor').map(({ name }) => name);
    const values = new Map(feed);
    const results = new Map<string, OutputValue>();
    for (const [index, part] of this.#parts.entries()) {
      const outputs = part.outputs.filter((name) => asked.includes(name));
      const fetches = [...part.passesOn, ...outputs];
      // A part that computes nothing that is asked for and passes nothing on.
      if (fetches.length === 0) continue;
      const given = new Map([...values].filter(([name]) => part.inputs.includes(name) || feed.has(name)));
      for (const [name, value] of await this.#runPart(part, given, fetches)) {
        if (outputs.includes(name)) results.set(name, value);
        else values.set(name, value as Tensor);
      }
      const later = this.#parts.slice(index + 1);
      for (const name of values.keys()) {
        if (!feed.has(name) && !later.some(({ inputs }) => inputs.includes(name))) values.delete(name);
      }
    }
    return new Map(asked.flatMap((name) => (results.has(name) ? [[name, results.get(name)!]] : [])));
  }

  async #runPart(
    part: EncodedPart,
    feed: ReadonlyMap<string, Tensor>,
    fetches: readonly string[],
  ): Promise<ReadonlyMap<string, OutputValue>> {
    const bytes = this.#load(part);
    const external = bytes.byteLength === 0 ? {} : { externalData: { location: LOCATION, bytes } };
    const session = await openOrtSession(part.graph, { ...this.#options, ...external, arena: false });
    try {
      return await session.run(feed, fetches);
    } finally {
      await session.close();
    }
  }

  /** The weights of a part, in memory that the next part's take over. */
  #load({ weights, weightBytes }: EncodedPart): Uint8Array {
    if ((this.#weights?.byteLength ?? 0) < weightBytes) {
      this.#weights = new Uint8Array(Math.max(...this.#parts.map((part) => part.weightBytes)));
    }
    const memory = this.#weights ?? new Uint8Array(0);
    let at = 0;
    for (const chunk of weights) {
      for (const piece of piecesOf(chunk)) {
        memory.set(piece, at);
        at += piece.byteLength;
      }
    }
    return memory.subarray(0, weightBytes);
  }
}

function encodePart(part: ModelPart): EncodedPart {
  const { chunks, data } = encodeModel(part.model, { external: { location: LOCATION } });
  return { ...part, graph: joinChunks(chunks), weights: data?.chunks ?? [], weightBytes: data?.byteLength ?? 0 };
}

function portOf(name: string, type: ValueType | undefined): Port {
  if (type?.kind !== 'tensor') return { name, dtype: 'non-tensor', dims: [] };
  return { name, dtype: type.dtype, dims: type.shape ?? [] };
}
