/** Makes a MaxMind DB (https://maxmind.github.io/MaxMind-DB/) of IPv4 blocks, as small as tests need. */
export function makeMmdb(blocks: readonly { readonly prefix: string; readonly value: object }[]): Buffer {
  const values = blocks.map(({ value }) => encode(value));
  const offsets = values.map((_, i) => values.slice(0, i).reduce((sum, each) => sum + each.length, 0));
  const nodes: [number | undefined, number | undefined][] = [[undefined, undefined]];
  const leaves = new Map<string, number>();
  blocks.forEach(({ prefix }, index) => {
    const [address = '', length = '32'] = prefix.split('/');
    const bits = address.split('.').map((part) => Number(part).toString(2).padStart(8, '0')).join('').slice(0, Number(length)); // biome-ignore format: short
    let node = 0;
    [...bits].forEach((bit, depth) => {
      const side = Number(bit) as 0 | 1;
      if (depth === bits.length - 1) leaves.set(`${node}/${side}`, index);
      else node = nodes[node]![side] ??= nodes.push([undefined, undefined]) - 1;
    });
  });
  const tree = Buffer.alloc(nodes.length * 8);
  nodes.forEach((sides, node) => {
    for (const side of [0, 1] as const) {
      const leaf = leaves.get(`${node}/${side}`);
      const record = leaf === undefined ? (sides[side] ?? nodes.length) : nodes.length + 16 + offsets[leaf]!;
      tree.writeUInt32BE(record, node * 8 + side * 4);
    }
  });
  const metadata = {
    binary_format_major_version: 2, binary_format_minor_version: 0, build_epoch: 1_700_000_000, database_type: 'Test-City',
    description: { en: 'test' }, ip_version: 4, languages: ['en'], node_count: nodes.length, record_size: 32,
  }; // biome-ignore format: fields in few lines
  const mark = Buffer.from('\xab\xcd\xefMaxMind.com', 'latin1');
  return Buffer.concat([tree, Buffer.alloc(16), ...values, mark, encode(metadata)]);
}

function encode(value: unknown): Buffer {
  if (typeof value === 'string') return Buffer.concat([control(2, Buffer.byteLength(value)), Buffer.from(value)]);
  if (typeof value === 'number' && Number.isInteger(value) && value >= 0) {
    const bytes = Buffer.alloc(4);
    bytes.writeUInt32BE(value);
    return Buffer.concat([control(6, 4), bytes]);
  }
  if (typeof value === 'number') {
    const bytes = Buffer.alloc(8);
    bytes.writeDoubleBE(value);
    return Buffer.concat([control(3, 8), bytes]);
  }
  if (Array.isArray(value)) return Buffer.concat([Buffer.from([value.length, 11 - 7]), ...value.map(encode)]);
  const entries = Object.entries(value as object);
  return Buffer.concat([
    control(7, entries.length),
    ...entries.flatMap(([name, inner]) => [encode(name), encode(inner)]),
  ]);
}

/** Types up to 7, sizes below 29. */
function control(type: number, size: number): Buffer {
  return Buffer.from([(type << 5) | size]);
}
