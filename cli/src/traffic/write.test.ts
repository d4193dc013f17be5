import { INCIDENT_KINDS } from '@weir/contracts';
import { describe, expect, it } from 'vitest';
import { capture, checksumsAreRight, isSyn, type ReadPacket, sourceOf } from './capture-reading.test-support.js';
import { GUESSED_SERVICES, TRAFFIC_KINDS, type TrafficOptions, techniquesOf } from './options.js';
import { truthCsv } from './truth.js';
import { writeTraffic } from './write.js';

const WHOLE = { snapLengthBytes: 262_144, hosts: 4 } as const;

/** Every kind, each way to carry it out, and each guessed service once. */
const ALL: readonly TrafficOptions[] = [
  ...TRAFFIC_KINDS.map(({ name }) => ({ kind: name, ...WHOLE })),
  ...TRAFFIC_KINDS.flatMap(({ name }) =>
    techniquesOf(name).map((technique) => ({ kind: name, technique, packets: 50, ...WHOLE, bytes: 900 })),
  ),
  ...GUESSED_SERVICES.map((service) => ({ kind: 'brute-force' as const, service, ...WHOLE })),
];

function isOrdered(packets: readonly ReadPacket[]): boolean {
  return packets.every((packet, i) => i === 0 || packets[i - 1]!.timeUs <= packet.timeUs);
}

describe('a written capture', () => {
  for (const options of ALL) {
    const name = [options.kind, options.technique, options.service].filter(Boolean).join(' ');
    it(`${name}: every checksum is right and time never goes back`, async () => {
      const { packets, summary } = await capture(options);
      expect(packets.length).toBe(summary.packets);
      expect(packets.filter((packet) => !checksumsAreRight(packet.bytes))).toEqual([]);
      expect(isOrdered(packets)).toBe(true);
    });
  }

  it('depends on the seed and on nothing else', async () => {
    const bytesOf = async (seed: number) => (await capture({ kind: 'benign', durationS: 20, hosts: 3, seed })).packets;
    const first = await bytesOf(5);
    expect(await bytesOf(5)).toEqual(first);
    expect(await bytesOf(6)).not.toEqual(first);
  });

  it('keeps only the snap length of a packet and tells its original length', async () => {
    const { packets } = await capture({ kind: 'benign', durationS: 30, hosts: 3, snapLengthBytes: 100 });
    expect(Math.max(...packets.map((packet) => packet.bytes.length))).toBe(100);
    expect(Math.max(...packets.map((packet) => packet.wireBytes))).toBeGreaterThan(1400);
  });

  it('ends with its duration', async () => {
    const { packets, summary } = await capture({ kind: 'port-scan', durationS: 12, hosts: 2 });
    expect(packets.at(-1)!.timeUs).toBeLessThan((summary.startMs + 12_000) * 1000);
    expect(Number(summary.truth[0]!.end_epoch)).toBeLessThan(summary.startMs / 1000 + 12);
  });

  it('refuses numbers out of range and unknown words before the first byte', async () => {
    let written = 0;
    const attempt = (options: TrafficOptions) =>
      writeTraffic(options, (chunk) => {
        written += chunk.length;
      });
    await expect(attempt({ kind: 'benign', hosts: 0 })).rejects.toThrow('hosts must be a whole number from 1 to 200');
    await expect(attempt({ kind: 'port-scan', packets: 1.5 })).rejects.toThrow('packets');
    await expect(attempt({ kind: 'worm' as 'benign' })).rejects.toThrow('unknown kind "worm"');
    await expect(attempt({ kind: 'slow-dos', technique: 'syn' })).rejects.toThrow('known: headers, body, read, random');
    await expect(attempt({ kind: 'benign', technique: 'syn' })).rejects.toThrow('this kind has no technique');
    expect(written).toBe(0);
  });
});

describe('the truth of an attack', () => {
  it('counts exactly the packets that the attack adds, with their first and last time', async () => {
    const flood: TrafficOptions = { kind: 'syn-flood', background: false, sources: 500, hosts: 2 };
    const { packets, summary } = await capture(flood);
    const row = summary.truth[0]!;
    expect(row).toMatchObject({ category: 'flood', attacker: '500 spoofed', victim: '10.20.0.80:443' });
    expect(row.packets).toBe(packets.length);
    expect(Math.round(Number(row.start_epoch) * 1e6)).toBe(packets[0]!.timeUs);
    expect(Math.round(Number(row.end_epoch) * 1e6)).toBe(packets.at(-1)!.timeUs);
  });

  it('of a day names each attack once, in order, apart in time', async () => {
    const { summary } = await capture({ kind: 'day' });
    expect(summary.truth.map((row) => row.category)).toEqual(['scan', 'bruteforce', 'flood', 'dns_tunnel', 'anomaly']);
    for (const [i, row] of summary.truth.entries()) {
      if (i > 0) expect(Number(row.start_epoch)).toBeGreaterThan(Number(summary.truth[i - 1]!.end_epoch));
    }
  });

  it('of the next day has all that is new, also in a short capture', async () => {
    for (const durationS of [undefined, 600]) {
      const { summary } = await capture({ kind: 'next-day', ...(durationS ? { durationS } : {}), background: false });
      expect(summary.truth.map(({ label }) => label)).toEqual([
        ...['new_device', 'rogue_server_dhcp', 'rogue_server_router'],
        ...['rare_destination', 'rare_tls_client', 'rare_destination_doh'],
      ]);
    }
  });

  it('of benign traffic is a heading alone', async () => {
    const { summary } = await capture({ kind: 'benign', durationS: 5, hosts: 2 });
    expect(truthCsv(summary.truth)).toBe(
      'start_epoch,end_epoch,label,category,attacker,victim,packets,source_file,note\n',
    );
  });

  it('is quoted where a field holds a comma', () => {
    const row = {
      start_epoch: '1.000000',
      end_epoch: '2.000000',
      label: 'x',
      category: 'scan' as const,
      attacker: 'a',
    };
    const csv = truthCsv([{ ...row, victim: 'v', packets: 1, source_file: 'f', note: 'one, "two"' }]);
    expect(csv.split('\n')[1]).toBe('1.000000,2.000000,x,scan,a,v,1,f,"one, ""two"""');
  });
});

describe('an attack', () => {
  it('has a label that begins with the kind of incident that it should become', async () => {
    for (const { name } of TRAFFIC_KINDS) {
      const { summary } = await capture({ kind: name, hosts: 2, packets: 3, background: false });
      for (const { label } of summary.truth) {
        const words = `${label.replaceAll('_', '-')}-`;
        expect(
          INCIDENT_KINDS.some((kind) => words.startsWith(`${kind.replace('-payload', '')}-`)),
          label,
        ).toBe(true);
      }
    }
  });

  it('keeps its pace, and with its jitter differs from it', async () => {
    const gapsOf = async (jitter: number) => {
      const flood = { kind: 'udp-flood', packets: 200, packetsPerSecond: 100, jitter } as const;
      const { packets } = await capture({ ...flood, background: false, hosts: 1 });
      return packets.slice(1).map(({ timeUs }, i) => timeUs - packets[i]!.timeUs);
    };
    expect(new Set(await gapsOf(0))).toEqual(new Set([10_000]));
    const gaps = await gapsOf(0.5);
    expect(Math.min(...gaps)).toBeGreaterThanOrEqual(5000);
    expect(Math.max(...gaps)).toBeLessThanOrEqual(15_000);
    expect(new Set(gaps).size).toBeGreaterThan(100);
  });
});

describe('a calm office', () => {
  it('does less in the same time, and each thing as fast', async () => {
    const packetsOf = async (calm: number) =>
      (await capture({ kind: 'benign', durationS: 300, hosts: 4, calm })).summary.packets;
    const busy = await packetsOf(1);
    expect(await packetsOf(10)).toBeLessThan(0.6 * busy);
  });
});

describe('a SYN flood', () => {
  it('has as many different sources as asked, none of them private or reserved', async () => {
    const { packets } = await capture({ kind: 'syn-flood', background: false, sources: 50_000, hosts: 1 });
    const sources = packets.filter((packet) => isSyn(packet.bytes)).map((packet) => sourceOf(packet.bytes));
    expect(sources.length).toBe(50_000);
    expect(new Set(sources).size).toBe(50_000);
    expect(sources.filter((source) => [0, 10, 127].includes(source >>> 24) || source >>> 24 >= 224)).toEqual([]);
  });

  it('from one source has one address', async () => {
    const { packets } = await capture({ kind: 'syn-flood', background: false, sources: 1, packets: 300, hosts: 1 });
    expect(new Set(packets.filter((packet) => isSyn(packet.bytes)).map((packet) => sourceOf(packet.bytes))).size).toBe(
      1,
    );
  });

  it('is written in chunks of bounded size, waiting for a slow writer', async () => {
    let open = 0;
    let largest = 0;
    const flood: TrafficOptions = { kind: 'syn-flood', background: false, sources: 30_000, hosts: 1 };
    const summary = await writeTraffic(flood, async (chunk) => {
      open += 1;
      expect(open).toBe(1);
      largest = Math.max(largest, chunk.length);
      await Promise.resolve();
      open -= 1;
    });
    expect(summary.packets).toBe(30_256);
    expect(largest).toBeLessThanOrEqual(256 * 1024);
  });
});
