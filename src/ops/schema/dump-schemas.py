"""Writes the operator tables in src/ops/schema/tables from the schemas that the Python packages `onnx` and `onnxruntime` hold.

    python dump-schemas.py TABLES_DIRECTORY

Only facts are taken: names, versions, arities, attributes with defaults, type constraints. Run it when a new opset appears.
"""
import os
import struct
import sys
from onnx import defs, helper
import onnx
import onnxruntime
import onnxruntime.capi.onnxruntime_pybind11_state as ort

OUT = sys.argv[1]

FAMILIES = {
    'elementwise-unary': 'Abs Acos Acosh Asin Asinh Atan Atanh BitwiseNot Ceil Cos Cosh Erf Exp Floor Identity IsInf IsNaN Log Neg Not Reciprocal Round Sign Sin Sinh Sqrt Tan Tanh Cast CastLike BitCast',
    'elementwise-binary': 'Add Sub Mul Div Pow Mod And Or Xor BitShift BitwiseAnd BitwiseOr BitwiseXor Equal Greater GreaterOrEqual Less LessOrEqual Max Min Mean Sum Where',
    'activation': 'Celu Clip Elu Gelu HardSigmoid HardSwish Hardmax LeakyRelu LogSoftmax Mish PRelu Relu Selu Shrink Sigmoid Softmax Softplus Softsign SwiGLU Swish ThresholdedRelu Dropout',
    'shape': 'Reshape Flatten Squeeze Unsqueeze Transpose Shape Size Expand Tile Concat Split Slice Pad DepthToSpace SpaceToDepth CenterCropPad Constant ConstantOfShape Range EyeLike Trilu',
    'gather-scatter': 'Gather GatherElements GatherND Scatter ScatterElements ScatterND TensorScatter Compress NonZero OneHot ReverseSequence TopK Unique ArgMax ArgMin NonMaxSuppression CumSum CumProd',
    'reduction': 'ReduceL1 ReduceL2 ReduceLogSum ReduceLogSumExp ReduceMax ReduceMean ReduceMin ReduceProd ReduceSum ReduceSumSquare',
    'matmul': 'MatMul Gemm Einsum Det MatMulInteger QLinearMatMul',
    'convolution': 'Conv ConvTranspose ConvInteger QLinearConv DeformConv Col2Im CausalConvWithState',
    'pooling': 'AveragePool MaxPool LpPool GlobalAveragePool GlobalLpPool GlobalMaxPool MaxRoiPool MaxUnpool RoiAlign',
    'normalization': 'BatchNormalization GroupNormalization InstanceNormalization LRN LayerNormalization LpNormalization MeanVarianceNormalization RMSNormalization',
    'attention': 'Attention LinearAttention RotaryEmbedding',
    'recurrent': 'GRU LSTM RNN',
    'quantization': 'QuantizeLinear DequantizeLinear DynamicQuantizeLinear',
    'control-flow': 'If Loop Scan SequenceMap',
    'sequence': 'ConcatFromSequence SequenceAt SequenceConstruct SequenceEmpty SequenceErase SequenceInsert SequenceLength SplitToSequence Optional OptionalGetElement OptionalHasElement',
    'random': 'Bernoulli Multinomial RandomNormal RandomNormalLike RandomUniform RandomUniformLike',
    'image': 'Resize Upsample GridSample AffineGrid ImageDecoder',
    'signal': 'BlackmanWindow HammingWindow HannWindow DFT STFT MelWeightMatrix',
    'text': 'RegexFullMatch StringConcat StringNormalizer StringSplit TfIdfVectorizer',
    'loss': 'NegativeLogLikelihoodLoss SoftmaxCrossEntropyLoss',
}
FAMILY = {op: family for family, ops in FAMILIES.items() for op in ops.split()}

RENAME = {'float': 'float32', 'double': 'float64'}
GROUPS = [  # the same as in type-set.ts
    ('int', 'int8 int16 int32 int64'), ('uint', 'uint8 uint16 uint32 uint64'), ('float', 'float16 float32 float64'),
    ('complex', 'complex64 complex128'), ('float8', 'float8e4m3fn float8e4m3fnuz float8e5m2 float8e5m2fnuz'), ('4bit', 'int4 uint4'), ('2bit', 'int2 uint2'),
]
# Types that no other part of the format knows yet.
SKIP = {'float6e2m3', 'float6e3m2'}


def parse_type(text):
    text = text.replace(' ', '')
    for wrapper in ('seq', 'optional', 'sparse_tensor'):
        if text.startswith(wrapper + '('):
            inner = parse_type(text[len(wrapper) + 1:-1])
            return [({'sparse_tensor': 'sparse'}.get(wrapper, wrapper), *inner[0])]
    if text.startswith('tensor('):
        return [('', RENAME.get(text[7:-1], text[7:-1]))]
    if text.startswith('map('):
        key, value = text[4:-1].split(',', 1)
        value = value[7:-1] if value.startswith('tensor(') else value
        return [('', f'map({RENAME.get(key, key)};{RENAME.get(value, value)})')]
    return [('', RENAME.get(text, text))]


def type_set(texts):
    by_wrapper = {}
    for text in texts:
        *wrappers, leaf = parse_type(text)[0]
        if leaf not in SKIP:
            by_wrapper.setdefault(tuple(w for w in wrappers if w), set()).add(leaf)
    parts = []
    for wrappers in sorted(by_wrapper, key=lambda w: (len(w), w)):
        leaves = set(by_wrapper[wrappers])
        names = []
        for name, members in GROUPS:
            members = set(members.split())
            if members <= leaves:
                names.append(name)
                leaves -= members
        text = '|'.join(names + sorted(leaves))
        for wrapper in reversed(wrappers):
            text = f'{wrapper}({text})'
        parts.append(text)
    return '|'.join(parts)


KINDS = {'FLOAT': 'f', 'INT': 'i', 'STRING': 's', 'TENSOR': 't', 'GRAPH': 'g', 'SPARSE_TENSOR': 'sp', 'TYPE_PROTO': 'tp', 'FLOATS': 'fs', 'INTS': 'is', 'STRINGS': 'ss', 'TENSORS': 'ts', 'GRAPHS': 'gs'}


def number(value):
    for digits in range(1, 10):
        text = f'{value:.{digits}g}'
        if struct.unpack('f', struct.pack('f', float(text)))[0] == value:
            return text
    return repr(value)


def default_text(attribute):
    raw = getattr(attribute, '_default_value', None)
    if raw is not None:
        proto = onnx.AttributeProto()
        proto.ParseFromString(raw if isinstance(raw, bytes) else raw.encode())
    else:
        proto = attribute.default_value
    if not proto.type or proto.type == onnx.AttributeProto.TENSOR:
        return None
    value = helper.get_attribute_value(proto)
    if isinstance(value, bytes):
        return value.decode()
    if isinstance(value, float):
        return number(value)
    if isinstance(value, int):
        return str(value)
    return '[' + ' '.join(v.decode() if isinstance(v, bytes) else number(v) if isinstance(v, float) else str(v) for v in value) + ']'


def attribute_text(attribute):
    kind = KINDS[str(attribute.type).split('.')[-1]]
    default = default_text(attribute)
    return f"{attribute.name}{'!' if attribute.required else ''}:{kind}" + ('' if default is None else f'={default}')


def parameter_text(parameter, minimum):
    option = str(parameter.option).split('.')[-1]
    types = parameter.type_str if hasattr(parameter, 'type_str') else parameter.typeStr
    homogeneous = parameter.is_homogeneous if hasattr(parameter, 'is_homogeneous') else parameter.isHomogeneous
    if '(' in types:
        types = type_set([types])
    mark = {'Single': '', 'Optional': '?'}.get(option)
    if mark is None:
        mark = f"{'*' if homogeneous else '~'}{minimum}"
    return f'{parameter.name}{mark}:{types}'


def parameters_text(parameters, minimum):
    fixed = len(parameters) - 1
    return ', '.join(parameter_text(p, getattr(p, 'min_arity', max(minimum - fixed, 0))) for p in parameters)


def row(schema, random):
    parts = [schema.name, str(schema.since_version)]
    if schema.deprecated:
        parts.append('deprecated')
    if random:
        parts.append('random')
    if getattr(schema, 'has_function', False) or getattr(schema, 'has_context_dependent_function', False):
        parts.append('function')
    text = ' '.join(parts)
    text += f' ({parameters_text(schema.inputs, schema.min_input)}) -> ({parameters_text(schema.outputs, schema.min_output)})'
    attributes = ', '.join(attribute_text(schema.attributes[name]) for name in sorted(schema.attributes))
    if attributes:
        text += f' {{{attributes}}}'
    constraints = ' '.join(f'{c.type_param_str}={type_set(c.allowed_type_strs)}' for c in sorted(schema.type_constraints, key=lambda c: c.type_param_str))
    if constraints:
        text += f' [{constraints}]'
    assert '`' not in text and "'" not in text, text
    return text


def write(name, constant, comment, rows):
    lines = ''.join(f"  '{text}',\n" for text in rows)
    with open(os.path.join(OUT, name + '.ts'), 'w') as file:
        file.write(f'/** {comment} Made by dump-schemas.py; the grammar of a row is told in parse-schema.ts. */\nexport const {constant}: readonly string[] = [\n{lines}];\n')


def constant_of(name):
    return name.replace('-', '_').upper() + '_OPERATORS'


RANDOM = {'Bernoulli', 'Multinomial', 'RandomNormal', 'RandomNormalLike', 'RandomUniform', 'RandomUniformLike', 'Dropout'}
key = lambda s: (s.name, s.since_version)
schemas = sorted(defs.get_all_schemas_with_history(), key=key)
held = {(s.domain, s.name, s.since_version) for s in schemas}
runtime = sorted(ort.get_all_operator_schema(), key=key)
newest = defs.onnx_opset_version()
for family in FAMILIES:
    write(family, constant_of(family), f'Operators of ai.onnx up to opset {newest}: {family}.',
          [row(s, s.name in RANDOM) for s in schemas if s.domain == '' and FAMILY[s.name] == family])
write('ml', constant_of('ml'), 'Operators of ai.onnx.ml.', [row(s, False) for s in schemas if s.domain == 'ai.onnx.ml'])
write('training', constant_of('training'), 'Operators of ai.onnx.preview.training.', [row(s, False) for s in schemas if s.domain == 'ai.onnx.preview.training'])
write('preview', constant_of('preview'), 'Operators of ai.onnx.preview.', [row(s, False) for s in schemas if s.domain == 'ai.onnx.preview'])
INTERNAL = {'MemcpyFromHost', 'MemcpyToHost'}
write('experimental', constant_of('experimental'), f'Operators in the domain ai.onnx that ONNX has dropped or never held and ONNX Runtime {onnxruntime.__version__} knows.',
      [row(s, False) for s in runtime if s.domain == '' and (s.domain, s.name, s.since_version) not in held and s.name not in INTERNAL and not s.name.endswith('_TRT')])
microsoft = [s for s in runtime if s.domain == 'com.microsoft']
SPLITS = [('microsoft-a-to-f', 'A', 'F'), ('microsoft-g-to-p', 'G', 'P'), ('microsoft-q-to-z', 'Q', 'Z')]
RANDOM_MS = {'BiasDropout', 'BitmaskDropout', 'BitmaskBiasDropout', 'Sampling'}
for name, first, last in SPLITS:
    write(name, constant_of(name), f'Operators of com.microsoft in ONNX Runtime {onnxruntime.__version__}, {first} to {last}.',
          [row(s, s.name in RANDOM_MS) for s in microsoft if first <= s.name[0] <= last])
write('microsoft-nchwc', constant_of('microsoft-nchwc'), f'Operators of com.microsoft.nchwc, which ONNX Runtime {onnxruntime.__version__} writes when it blocks channels.',
      [row(s, False) for s in runtime if s.domain == 'com.microsoft.nchwc'])
