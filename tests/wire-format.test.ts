import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as contracts from '@weir/contracts';
import { describe, expect, it } from 'vitest';
import { generateDocs } from '../scripts/wire-format.mjs';

const DOCS = new URL('../docs/', import.meta.url);
const read = (path: string) => readFileSync(new URL(path, DOCS), 'utf8');
const wireFormat = read('wire-format.md');
const generated = generateDocs(contracts, wireFormat);

describe('the published format', () => {
  it.each([...generated.keys()])('docs/%s is what the code says (if not: node scripts/wire-format.mjs)', (path) => {
    expect(read(path)).toBe(generated.get(path));
  });

  it('has no schema that the code does not know', () => {
    const known = [...generated.keys()].filter((path) => path.startsWith('schemas/'));
    expect(readdirSync(new URL('schemas/', DOCS)).map((name) => `schemas/${name}`)).toEqual(known.sort());
  });

  it('changes when a layout changes', () => {
    const { LAYOUTS } = contracts;
    const changed = { ...LAYOUTS, packets: { ...LAYOUTS.packets, version: 99 } };
    const other = { ...contracts, LAYOUTS: changed } as unknown as typeof contracts;
    expect(generateDocs(other, wireFormat).get('wire-format.md')).not.toBe(wireFormat);
  });

  it('has a place for each part, and no part without a place', () => {
    expect(() => generateDocs(contracts, wireFormat.replace('generated: topics', 'generated: tropics'))).toThrow(
      'tropics',
    );
    expect(() => generateDocs(contracts, wireFormat.replace('<!-- generated: topics', '<!-- '))).toThrow('topics');
  });

  it('explains every kind of note', () => {
    const rows = wireFormat.split('\n').filter((line) => line.startsWith('| `'));
    for (const kind of Object.keys(contracts.NoteKind).filter((name) => name !== 'none')) {
      expect(rows.some((row) => row.split('|')[1]?.includes(`\`${kind}\``))).toBe(true);
    }
  });
});

/** The Python with pyarrow: WEIR_PYTHON, or the first on the path. */
const python = process.env.WEIR_PYTHON ?? 'python3';
const hasPyarrow = spawnSync(python, ['-c', 'import pyarrow'], { timeout: 20_000 }).status === 0;
const why = hasPyarrow ? '' : ` (skipped: ${python} has no pyarrow; pip install pyarrow, or set WEIR_PYTHON)`;

/** Runs a Python program over one message, and gives what it prints. */
function runPython(program: string, message: Uint8Array): string[] {
  const folder = mkdtempSync(join(tmpdir(), 'weir-pyarrow-'));
  try {
    writeFileSync(join(folder, 'message'), message);
    const { stdout, stderr, status } = spawnSync(python, ['-c', program, join(folder, 'message')], {
      encoding: 'utf8',
    });
    expect(stderr).toBe('');
    expect(status).toBe(0);
    return stdout.trim().split('\n');
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function samplePackets(): contracts.PacketBatch {
  const packets = contracts.createPacketTable(2);
  const c = packets.columns;
  for (const [row, source] of ['192.0.2.1', '2001:db8::1'].entries()) {
    c.timeUs[row] = 1_700_000_000_000_000 + row;
    c.sourceAddress.bytes.set(contracts.parseAddress(source), 16 * row);
    c.sourcePort[row] = 50_000 + row;
    c.lengthBytes[row] = 60 + row;
    c.noteText.append(row, Buffer.from('example.org'), 0, 11 * row);
  }
  packets.count = 2;
  const header = { sensor: 'office', partition: 0, partitions: 1, epoch: 7, sequence: 5, watermarkS: 1_700_000_000 };
  return { header, counters: contracts.NO_COUNTERS, packets };
}

/** Reads both streams of a host batch, and writes the first table back as Python would write it. */
const READ_HOST_BATCH = `
import sys
import pyarrow as pa
source = pa.BufferReader(open(sys.argv[1], "rb").read())
for _ in range(2):
    table = pa.ipc.open_stream(source).read_all()
    print(table.schema.metadata[b"weir.layout"].decode(), table.num_rows, table.num_columns)
`;

const REWRITE = `
import sys
import pyarrow as pa
table = pa.ipc.open_stream(open(sys.argv[1], "rb")).read_all()
nullable = pa.schema([f.with_nullable(True) for f in table.schema], table.schema.metadata)
sink = pa.BufferOutputStream()
with pa.ipc.new_stream(sink, nullable) as writer:
    writer.write_table(table.cast(nullable))
print(sink.getvalue().to_pybytes().hex())
`;

describe.skipIf(!hasPyarrow)(`Python with pyarrow${why}`, () => {
  const reader = /```python\n([\s\S]+?)```/.exec(wireFormat)![1]!;

  it('reads a packet batch with the program of docs/wire-format.md', () => {
    expect(reader.trim().split('\n').length).toBeLessThanOrEqual(10);
    expect(runPython(reader, contracts.encodePacketBatch(samplePackets()))).toEqual([
      "{'sensor': 'office', 'partition': 0, 'partitions': 1, 'epoch': 7, 'sequence': 5, 'watermarkS': 1700000000}",
      "1700000000000000.0 192.0.2.1 50000 60 b''",
      "1700000000000001.0 2001:db8::1 50001 61 b'example.org'",
    ]);
  });

  it('reads both streams of a host batch', () => {
    const activity = contracts.createActivityTable(3);
    activity.count = 3;
    const batch: contracts.HostBatch = {
      upstream: 'flow/office/0',
      sensor: 'office',
      partitions: 1,
      epoch: 0,
      sequence: 0,
      watermarkS: 0,
      activity,
      notes: contracts.createNoteTable(0),
      sensorCounters: contracts.NO_COUNTERS,
      counters: {
        packets: 0,
        bytes: 0,
        nonIpPackets: 0,
        flowsStarted: 0,
        flowsEnded: 0,
        flowsEvicted: 0,
        flowsLive: 0,
        batchesMissing: 0,
        batchesRepeated: 0,
      },
    };
    expect(runPython(READ_HOST_BATCH, contracts.encodeHostBatch(batch))).toEqual([
      `activity 3 ${contracts.ACTIVITY_COLUMNS.length}`,
      `notes 0 ${contracts.NOTE_COLUMNS.length}`,
    ]);
  });

  it.each([2, 0])('writes a batch of %i rows that Weir reads', (rows) => {
    const batch = samplePackets();
    batch.packets.count = rows;
    const rewritten = Buffer.from(runPython(REWRITE, contracts.encodePacketBatch(batch))[0]!, 'hex');
    const { header, packets } = contracts.decodePacketBatch(rewritten);
    expect(header).toEqual(batch.header);
    expect(packets.count).toBe(rows);
    expect([...packets.columns.sourcePort]).toEqual([50_000, 50_001].slice(0, rows));
  });
});
