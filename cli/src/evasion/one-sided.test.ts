import { Readable } from 'node:stream';
import { createCaptureFileSource, type PacketSource, type RawPackets } from '@weir/capture-agent';
import type { Incident } from '@weir/contracts';
import { DEFAULT_DETECTION_CONFIG as config } from '@weir/functions';
import { describe, expect, it } from 'vitest';
import { runDetection } from '../pipeline.js';
import { writeTraffic } from '../traffic/index.js';

/** By EtherType: where the protocol of a packet and its ports lie in the frame. */
const PLACES: ReadonlyMap<number, { protocol: number; ports: number }> = new Map([
  [0x0800, { protocol: 23, ports: 34 }],
  [0x86dd, { protocol: 20, ports: 54 }],
]);
const TCP = 6;

type Side = 'asking' | 'answering' | 'both';

/** Whether a mirror port set to one side would show this frame: of TCP, whose lower port is that of the service. */
function isShown(frame: Buffer, side: Side): boolean {
  const places = PLACES.get(frame.readUInt16BE(12));
  if (!places || frame[places.protocol] !== TCP || side === 'both') return true;
  return frame.readUInt16BE(places.ports) > frame.readUInt16BE(places.ports + 2) === (side === 'asking');
}

/** The packets of `block` of one side, in place. */
function keepSide(block: RawPackets, side: Side): void {
  let kept = 0;
  for (let row = 0; row < block.count; row++) {
    const bytes = Buffer.from(
      block.bytes.buffer,
      block.bytes.byteOffset + block.offset[row]!,
      block.capturedBytes[row]!,
    );
    if (!isShown(bytes, side)) continue;
    for (const column of [block.timeUs, block.offset, block.capturedBytes, block.wireBytes, block.linkType])
      column[kept] = column[row]!;
    kept++;
  }
  block.count = kept;
}

/** What is told of an office of which a sensor sees these sides of each conversation. */
async function incidentsOf(side: Side, maxBatchPackets = 4096): Promise<Incident[]> {
  const chunks: Uint8Array[] = [];
  await writeTraffic({ kind: 'benign', durationS: 300, hosts: 12 }, (chunk) => void chunks.push(chunk));
  const source: PacketSource = createCaptureFileSource({ path: '-', standardInput: Readable.from(chunks) });
  const read = source.read.bind(source);
  source.read = async (block) => {
    const goesOn = await read(block);
    keepSide(block, side);
    return goesOn;
  };
  const incidents = new Map<string, Incident>();
  const run = { source, sensor: 'mirror', partitions: 1, maxBatchPackets, config, tick: 'none' } as const;
  await runDetection(
    { ...run, allowedLatenessMs: config.allowedLatenessMs, stop: new AbortController().signal },
    { incident: ({ incident }) => void incidents.set(incident.id, incident) },
  );
  return [...incidents.values()].filter(({ kind }) => kind === 'one-sided-traffic');
}

describe('an office of which a mirror port shows one side', () => {
  it.each(['asking', 'answering'] as const)('is told when it is the %s one', async (side) => {
    const incidents = await incidentsOf(side);
    expect(incidents).toMatchObject([{ entity: 'mirror', severity: 'medium', sensors: ['mirror'] }]);
    expect(await incidentsOf(side, 100)).toEqual(incidents);
  });

  it('is not told when it is both', async () => {
    expect(await incidentsOf('both')).toEqual([]);
  });
});
