import { messageDecoder } from '../bytes/decode-message.ts';
import { messageEncoder } from '../bytes/encode-message.ts';
import type { Message, Schema } from '../bytes/message-schema.ts';

/**
 * The messages of `onnx.proto3` at IR version 13, with protobuf's field numbers. What the IR has no place for (device
 * configurations, segments) is not listed and so is kept as unknown bytes of the message that holds it. A
 * `TrainingInfoProto` is kept whole; of its content only the bindings are read. Unknown fields inside operator-set
 * imports, string pairs and tensor annotations, which the IR holds as plain pairs, are the only ones not kept.
 */
export const ONNX = {
  ModelProto: {
    irVersion: [1, 'int64'],
    producerName: [2, 'string'],
    producerVersion: [3, 'string'],
    domain: [4, 'string'],
    modelVersion: [5, 'int64'],
    docString: [6, 'string'],
    graph: [7, 'GraphProto'],
    opsetImport: [8, 'OperatorSetIdProto', 'repeated'],
    metadataProps: [14, 'StringStringEntryProto', 'repeated'],
    trainingInfo: [20, 'text', 'repeated'],
    functions: [25, 'FunctionProto', 'repeated'],
  },
  OperatorSetIdProto: { domain: [1, 'string'], version: [2, 'int64'] },
  StringStringEntryProto: { key: [1, 'string'], value: [2, 'string'] },
  TrainingInfoProto: {
    initializationBinding: [3, 'StringStringEntryProto', 'repeated'],
    updateBinding: [4, 'StringStringEntryProto', 'repeated'],
  },
  FunctionProto: {
    name: [1, 'string'],
    input: [4, 'string', 'repeated'],
    output: [5, 'string', 'repeated'],
    attribute: [6, 'string', 'repeated'],
    node: [7, 'NodeProto', 'repeated'],
    docString: [8, 'string'],
    opsetImport: [9, 'OperatorSetIdProto', 'repeated'],
    domain: [10, 'string'],
    attributeProto: [11, 'AttributeProto', 'repeated'],
    valueInfo: [12, 'ValueInfoProto', 'repeated'],
    overload: [13, 'string'],
    metadataProps: [14, 'StringStringEntryProto', 'repeated'],
  },
  GraphProto: {
    node: [1, 'NodeProto', 'repeated'],
    name: [2, 'string'],
    initializer: [5, 'TensorProto', 'repeated'],
    docString: [10, 'string'],
    input: [11, 'ValueInfoProto', 'repeated'],
    output: [12, 'ValueInfoProto', 'repeated'],
    valueInfo: [13, 'ValueInfoProto', 'repeated'],
    quantizationAnnotation: [14, 'TensorAnnotation', 'repeated'],
    sparseInitializer: [15, 'SparseTensorProto', 'repeated'],
    metadataProps: [16, 'StringStringEntryProto', 'repeated'],
  },
  TensorAnnotation: {
    tensorName: [1, 'string'],
    quantParameterTensorNames: [2, 'StringStringEntryProto', 'repeated'],
  },
  NodeProto: {
    input: [1, 'string', 'repeated'],
    output: [2, 'string', 'repeated'],
    name: [3, 'string'],
    opType: [4, 'string'],
    attribute: [5, 'AttributeProto', 'repeated'],
    docString: [6, 'string'],
    domain: [7, 'string'],
    overload: [8, 'string'],
    metadataProps: [9, 'StringStringEntryProto', 'repeated'],
  },
  AttributeProto: {
    name: [1, 'string'],
    f: [2, 'float'],
    i: [3, 'int64'],
    s: [4, 'text'],
    t: [5, 'TensorProto'],
    g: [6, 'GraphProto'],
    floats: [7, 'float', 'repeated'],
    ints: [8, 'int64', 'repeated'],
    strings: [9, 'text', 'repeated'],
    tensors: [10, 'TensorProto', 'repeated'],
    graphs: [11, 'GraphProto', 'repeated'],
    docString: [13, 'string'],
    tp: [14, 'TypeProto'],
    typeProtos: [15, 'TypeProto', 'repeated'],
    type: [20, 'int32'],
    refAttrName: [21, 'string'],
    sparseTensor: [22, 'SparseTensorProto'],
    sparseTensors: [23, 'SparseTensorProto', 'repeated'],
  },
  ValueInfoProto: {
    name: [1, 'string'],
    type: [2, 'TypeProto'],
    docString: [3, 'string'],
    metadataProps: [4, 'StringStringEntryProto', 'repeated'],
  },
  TensorProto: {
    dims: [1, 'int64', 'repeated'],
    dataType: [2, 'int32'],
    floatData: [4, 'floats'],
    int32Data: [5, 'int32', 'repeated'],
    stringData: [6, 'text', 'repeated'],
    int64Data: [7, 'int64', 'repeated'],
    name: [8, 'string'],
    rawData: [9, 'bytes'],
    doubleData: [10, 'doubles'],
    uint64Data: [11, 'uint64', 'repeated'],
    docString: [12, 'string'],
    externalData: [13, 'StringStringEntryProto', 'repeated'],
    dataLocation: [14, 'int32'],
    metadataProps: [16, 'StringStringEntryProto', 'repeated'],
  },
  SparseTensorProto: {
    values: [1, 'TensorProto'],
    indices: [2, 'TensorProto'],
    dims: [3, 'int64', 'repeated'],
  },
  TypeProto: {
    tensorType: [1, 'TensorTypeProto', 'choice'],
    sequenceType: [4, 'ElementTypeProto', 'choice'],
    mapType: [5, 'MapTypeProto', 'choice'],
    denotation: [6, 'string'],
    opaqueType: [7, 'OpaqueTypeProto', 'choice'],
    sparseTensorType: [8, 'TensorTypeProto', 'choice'],
    optionalType: [9, 'ElementTypeProto', 'choice'],
  },
  TensorTypeProto: { elemType: [1, 'int32'], shape: [2, 'TensorShapeProto'] },
  ElementTypeProto: { elemType: [1, 'TypeProto'] },
  MapTypeProto: { keyType: [1, 'int32'], valueType: [2, 'TypeProto'] },
  OpaqueTypeProto: { domain: [1, 'string'], name: [2, 'string'] },
  TensorShapeProto: { dim: [1, 'DimensionProto', 'repeated'] },
  DimensionProto: { dimValue: [1, 'int64', 'choice'], dimParam: [2, 'string', 'choice'], denotation: [3, 'string'] },
  /** `onnx-data.proto`: what test data files hold beside tensors. */
  SequenceProto: {
    name: [1, 'string'],
    elemType: [2, 'int32'],
    tensorValues: [3, 'TensorProto', 'repeated'],
    sparseTensorValues: [4, 'SparseTensorProto', 'repeated'],
    sequenceValues: [5, 'SequenceProto', 'repeated'],
    mapValues: [6, 'MapProto', 'repeated'],
    optionalValues: [7, 'OptionalProto', 'repeated'],
  },
  MapProto: {
    name: [1, 'string'],
    keyType: [2, 'int32'],
    keys: [3, 'int64', 'repeated'],
    stringKeys: [4, 'text', 'repeated'],
    values: [5, 'SequenceProto'],
  },
  OptionalProto: {
    name: [1, 'string'],
    elemType: [2, 'int32'],
    tensorValue: [3, 'TensorProto', 'choice'],
    sparseTensorValue: [4, 'SparseTensorProto', 'choice'],
    sequenceValue: [5, 'SequenceProto', 'choice'],
    mapValue: [6, 'MapProto', 'choice'],
    optionalValue: [7, 'OptionalProto', 'choice'],
  },
} as const satisfies Schema;

/** A decoded message of the format: `Proto<'NodeProto'>`. */
export type Proto<M extends keyof typeof ONNX> = Message<typeof ONNX, M>;

export const decodeProto = messageDecoder(ONNX);
export const encodeProto = messageEncoder(ONNX);

/** Newest `ir_version` whose fields and element types this schema knows. */
export const NEWEST_IR_VERSION = 13;
