import type { Random } from '../../../src/random/seeded-random.ts';
import { oneIn, pick } from '../graphs/random-values.ts';
import { mutateBytes } from './mutate-bytes.ts';
import { allFields, copyOf, newField, type Place, type WireField } from './wire-tree.ts';

type Mutation = (random: Random, places: readonly Place[], donors: readonly Place[], root: WireField[]) => void;

/** Numbers at which sizes, indices and sentinels break. */
const ODD_NUMBERS = [
  0n,
  1n,
  2n,
  3n,
  7n,
  16n,
  20n,
  127n,
  255n,
  65536n,
  2n ** 20n,
  2n ** 31n - 1n,
  2n ** 31n,
  2n ** 32n,
  2n ** 53n,
  2n ** 62n,
  2n ** 63n - 1n,
  -(2n ** 63n),
  -1n,
  -2n,
  -7n,
];

/** Where weights of hostile models are said to be. */
const LOCATIONS = [
  '',
  '.',
  '..',
  '../w.bin',
  'a/../../w',
  '/etc/passwd',
  'C:\\w',
  '\\\\host\\w',
  'a\0b',
  'w.bin',
  'a//b',
  './w',
  '*/_ORT_MEM_ADDR_/*',
];

/** Changes a parsed model at so many places, each by a mutation that knows what the fields mean. */
export function mutateFields(random: Random, root: WireField[], donor: WireField[], count: number): void {
  for (let done = 0; done < count; done++) {
    const places = allFields(root);
    if (places.length === 0) return;
    pick(random, MUTATIONS)(random, places, allFields(donor), root);
  }
}

const MUTATIONS: readonly Mutation[] = [
  // A field goes, comes twice, changes places or its type.
  (random, places) => {
    const { field, list } = pick(random, places);
    const at = list.indexOf(field);
    switch (random.integer(4)) {
      case 0:
        list.splice(at, 1);
        return;
      case 1:
        list.splice(at, 0, copyOf(field));
        return;
      case 2:
        list.splice(random.integer(list.length), 0, ...list.splice(at, 1));
        return;
      default:
        field.number = 1 + random.integer(26);
    }
  },
  // A number becomes another.
  (random, places) => {
    const numbers = places.filter(({ field }) => field.wire === 0);
    if (numbers.length > 0) pick(random, numbers).field.value = oddNumber(random);
  },
  place,
  place,
  // A length does not fit what follows.
  (random, places) => {
    const { field } = pick(random, places);
    if (field.wire === 2) field.length = BigInt.asUintN(64, oddNumber(random));
  },
  // Another place of the same type of this model or of another, as cycles, missing and doubled names come about.
  graft,
  graft,
  // Names that are read or defined.
  (random, places) => {
    const names = places.filter(({ field }) => field.type === 'string' && field.message !== 'StringStringEntryProto');
    if (names.length === 0) return;
    pick(random, names).field.bytes = oneIn(random, 3)
      ? Buffer.from(pick(random, ['', 'x', 'ü']))
      : pick(random, names).field.bytes;
  },
  // Operators: another one on the same operands.
  (random, places, donors) => {
    const isOp = ({ field }: Place): boolean => field.message === 'NodeProto' && field.name === 'opType';
    const [here, there] = [places.filter(isOp), [...donors, ...places].filter(isOp)];
    if (here.length > 0) pick(random, here).field.bytes = pick(random, there).field.bytes;
  },
  // Tensors: sizes, types, data, places outside the file.
  (random, places) => tensor(random, places),
  (random, places) => tensor(random, places),
  // Packed numbers and contents.
  (random, places) => {
    const contents = places.filter(
      ({ field }) => field.wire !== 0 && field.children === undefined && field.bytes.length > 0,
    );
    if (contents.length === 0) return;
    const { field } = pick(random, contents);
    field.bytes =
      field.wire === 2 ? mutateBytes(random, field.bytes) : field.bytes.map(() => pick(random, [0, 0x7f, 0x80, 0xff]));
  },
  // Attributes of another kind than the operator wants.
  (random, places) => {
    const nodes = places.filter(({ field }) => field.type === 'NodeProto' && field.children !== undefined);
    if (nodes.length === 0) return;
    const name = pick(random, [
      'axis',
      'axes',
      'perm',
      'to',
      'keepdims',
      'value',
      'body',
      'group',
      'pads',
      'kernel_shape',
      'then_branch',
    ]);
    const kind = pick(random, [
      ['i', 2n],
      ['ints', 7n],
      ['s', 3n],
      ['g', 5n],
      ['t', 4n],
    ] as const);
    const content = kind[0] === 's' ? 'text' : kind[0] === 'g' || kind[0] === 't' ? [] : oddNumber(random);
    pick(random, nodes).field.children!.push(
      newField('NodeProto', 'attribute', [
        newField('AttributeProto', 'name', name),
        newField('AttributeProto', kind[0], content),
        newField('AttributeProto', 'type', kind[1]),
      ]),
    );
  },
  // A graph within the graph, some levels deep.
  (random, places, _, root) => nest(random, places, root),
  // Dimensions of declared types.
  (random, places) => {
    const dims = places.filter(({ field }) => field.type === 'DimensionProto' && field.children !== undefined);
    if (dims.length === 0) return;
    pick(random, dims).field.children = [
      pick(random, [
        newField('DimensionProto', 'dimValue', oddNumber(random)),
        newField('DimensionProto', 'dimParam', pick(random, ['N', '', '-1', 'x0'])),
      ]),
    ];
  },
];

function oddNumber(random: Random): bigint {
  return oneIn(random, 3) ? BigInt(random.integer(30)) : pick(random, ODD_NUMBERS);
}

/** An axis, a size or an index becomes another, or one that is not there. */
function place(random: Random, places: readonly Place[]): void {
  const fields = places.filter(({ field: { message, name, wire, bytes } }) =>
    message === 'AttributeProto'
      ? (name === 'i' || name === 'ints') && wire === 0
      : name === 'rawData' && bytes.length > 0 && bytes.length <= 64 && bytes.length % 8 === 0,
  );
  if (fields.length === 0) return;
  const { field } = pick(random, fields);
  const other = BigInt(random.integer(13) - 6);
  if (field.wire === 0) field.value = other;
  else {
    field.bytes = field.bytes.slice();
    new DataView(field.bytes.buffer).setBigInt64(8 * random.integer(field.bytes.length / 8), other, true);
  }
}

function graft(random: Random, places: readonly Place[], donors: readonly Place[]): void {
  const { field, list } = pick(random, places);
  const alike = (oneIn(random, 2) ? places : donors).filter(
    ({ field: other }) => other.type === field.type && other.message === field.message,
  );
  if (alike.length === 0) return;
  const copy = copyOf(pick(random, alike).field);
  const at = list.indexOf(field);
  list.splice(at, random.integer(2), copy);
}

function tensor(random: Random, places: readonly Place[]): void {
  const tensors = places.filter(({ field }) => field.type === 'TensorProto' && field.children !== undefined);
  if (tensors.length === 0) return;
  const fields = pick(random, tensors).field.children!;
  switch (random.integer(4)) {
    case 0:
      fields.push(newField('TensorProto', 'dims', oddNumber(random)));
      return;
    case 1:
      for (const field of fields)
        if (field.name === 'dims' && field.wire === 0 && oneIn(random, 2)) field.value = oddNumber(random);
      return;
    case 2:
      for (const field of fields) if (field.name === 'dataType') field.value = BigInt(random.integer(28));
      return;
    default: {
      const entry = (key: string, value: string): WireField =>
        newField('TensorProto', 'externalData', [
          newField('StringStringEntryProto', 'key', key),
          newField('StringStringEntryProto', 'value', value),
        ]);
      fields.push(newField('TensorProto', 'dataLocation', 1n), entry('location', pick(random, LOCATIONS)));
      if (oneIn(random, 2))
        fields.push(
          entry(
            pick(random, ['offset', 'length', 'checksum', 'basepath', '__proto__']),
            String(pick(random, ODD_NUMBERS)),
          ),
        );
    }
  }
}

function nest(random: Random, places: readonly Place[], root: WireField[]): void {
  const nodes = places.filter(({ field }) => field.type === 'NodeProto' && field.children !== undefined);
  const graph = root.find(({ name }) => name === 'graph');
  if (nodes.length === 0 || graph?.children === undefined) return;
  let inner = copyOf(graph);
  if ((inner.children?.length ?? 0) > 60) inner.children = inner.children!.slice(0, 60);
  for (let depth = oneIn(random, 8) ? 120 : 1 + random.integer(3); depth > 0; depth--) {
    const attribute = [
      newField('AttributeProto', 'name', pick(random, ['body', 'then_branch', 'else_branch'])),
      newField('AttributeProto', 'g', inner.children ?? []),
      newField('AttributeProto', 'type', 5n),
    ];
    const node = newField('NodeProto', 'attribute', attribute);
    if (depth === 1) pick(random, nodes).field.children!.push(node);
    else
      inner = newField('ModelProto', 'graph', [
        newField('GraphProto', 'node', [newField('NodeProto', 'opType', 'If'), node]),
      ]);
  }
}
