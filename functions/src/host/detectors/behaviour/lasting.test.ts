import { describe, expect, it } from 'vitest';
import type { SaidPacket } from '../../../flow/packets.fixture.js';
import { HostBench, toldBy } from '../../host.fixture.js';
import { arpAnswers, arpLookUp, dhcpAnswer } from '../lan.fixture.js';
import { session, times } from '../traffic.fixture.js';

const gateway = { mac: '00:16:3e:00:00:01', address: '10.0.0.1' };
const desk = { mac: '00:16:3e:00:00:07', address: '10.0.0.7' };

const inOrder = (packets: Partial<SaidPacket>[]) => packets.sort((a, b) => a.atS! - b.atS!);

/** A day and a half with a beacon, spoofing and a new DHCP server: something for each kind of store. */
const packets = inOrder([
  ...times(40, (k) =>
    session({
      atS: k * 3600,
      source: desk.address,
      sourcePort: 20_000 + k,
      destination: '10.0.0.30',
      destinationPort: 80,
    }),
  ),
  ...times(40, (k) =>
    session({
      atS: 500 + k * 20,
      source: desk.address,
      sourcePort: 1000 + k,
      destination: '198.51.100.7',
      destinationPort: 443,
    }),
  ),
  ...times(20, (k) => arpLookUp({ atS: k * 20, ...gateway, other: desk.address, askersMac: desk.mac })),
  ...times(20, (k) =>
    arpAnswers({ atS: 31 + k * 5, mac: '00:16:3e:00:00:66', address: gateway.address, other: desk.address }),
  ),
  ...dhcpAnswer(1, gateway.address),
  ...dhcpAnswer(100_000, '10.0.0.99'),
]);

describe('what detectors remember for long', () => {
  const expected = new HostBench({ windows: 'none' }).send(...toldBy('flow/test/0', packets, 100)).alerts;

  it('gives alerts of each kind of store', () => {
    expect(new Set(expected.map(({ detector }) => detector))).toEqual(
      new Set(['beacon', 'arp-spoofing', 'rogue-server']),
    );
  });

  it.each([1, 7, 100_000])('does not depend on how the input is cut: %i packets a batch', (size) => {
    expect(new HostBench({ windows: 'none' }).send(...toldBy('flow/test/0', packets, size)).alerts).toEqual(expected);
  });

  it('survives a restart between any two batches', () => {
    const bench = new HostBench({ windows: 'none' });
    for (const batch of toldBy('flow/test/0', packets, 20)) bench.restart().send(batch);
    expect(bench.alerts).toEqual(expected);
  });
});
