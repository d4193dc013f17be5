import { Protocol } from '@weir/contracts';
import { describe, expect, it } from 'vitest';
import { arpRequest, host, incidentsOf, kindsOf, refusedSyn, session, silentSyn, times } from '../traffic.fixture.js';

const source = '10.0.0.9';
const destination = '10.0.0.20';
const at = (k: number, stepS: number) => ({ atS: k * stepS, source, sourcePort: 40_000 + k });

describe('port scan', () => {
  const tries = {
    'SYN without an answer': (k: number, stepS: number) =>
      silentSyn({ ...at(k, stepS), destination, destinationPort: 1 + k }),
    'SYN refused': (k: number, stepS: number) => refusedSyn({ ...at(k, stepS), destination, destinationPort: 1 + k }),
    'FIN, NULL and Xmas': (k: number, stepS: number) =>
      silentSyn({ ...at(k, stepS), destination, destinationPort: 1 + k, tcpFlags: [1, 0, 0x29][k % 3]! }),
    'UDP without an answer': (k: number, stepS: number) => [
      { ...at(k, stepS), destination, destinationPort: 1 + k, protocol: Protocol.udp },
    ],
  };

  for (const [name, attempt] of Object.entries(tries))
    it(`${name}: twenty ports in ten seconds are a scan, nineteen are none`, () => {
      expect(kindsOf(times(20, (k) => attempt(k, 0.3)))).toEqual(['port-scan']);
      expect(kindsOf(times(19, (k) => attempt(k, 0.3)))).toEqual([]);
    });

  it('a slow scan is found by the longer windows', () => {
    expect(kindsOf(times(20, (k) => tries['SYN refused'](k, 2.2)))).toEqual(['port-scan']);
    expect(kindsOf(times(19, (k) => tries['SYN refused'](k, 2.2)))).toEqual([]);
    // The first four packets of a stranger do not outlast their ten seconds.
    expect(kindsOf(times(24, (k) => tries['SYN refused'](k, 12)))).toEqual(['port-scan']);
    expect(kindsOf(times(23, (k) => tries['SYN refused'](k, 12)))).toEqual([]);
  });

  it('names the scanner, the target and the time of the first probe', () => {
    const [scan] = incidentsOf(times(100, (k) => tries['SYN refused'](k, 0.05)));
    expect(scan).toMatchObject({ sources: [source], targets: [destination], techniques: [{ id: 'T1046' }] });
    expect(scan!.startMs % 10_000).toBe(0);
    expect(scan!.detectedAtMs - scan!.startMs).toBeLessThanOrEqual(3000);
  });

  describe('of a few ports of each of some hosts', () => {
    const grid = (hosts: number, ports: number) =>
      times(hosts * ports, (k) =>
        refusedSyn({ ...at(k, 0.1), destination: host(Math.floor(k / ports)), destinationPort: 1 + (k % ports) }),
      );

    it('is told from sixty on in ten seconds', () => {
      expect(incidentsOf(grid(12, 5))).toMatchObject([{ kind: 'port-scan', sources: [source] }]);
      expect(kindsOf(grid(11, 5))).toEqual([]);
    });

    it('is none with two ports each, as of a program that tries both of a web server', () => {
      expect(kindsOf(grid(29, 2))).toEqual([]);
    });

    it('is a sweep, told once, where host after host is tried before the next port', () => {
      const rounds = times(180, (k) =>
        refusedSyn({ ...at(k, 0.05), destination: host(k % 60), destinationPort: 1 + Math.floor(k / 60) }),
      );
      expect(kindsOf(rounds)).toEqual(['address-sweep']);
    });
  });

  it('ports that answer are no scan', () => {
    expect(kindsOf(times(100, (k) => session({ ...at(k, 0.1), destination, destinationPort: 8000 + k })))).toEqual([]);
  });
});

describe('address sweep', () => {
  const sweep = (count: number, packet: object) =>
    times(count, (k) => [{ ...at(k, 0.3), destination: host(k + 1), destinationPort: 23, ...packet }]);

  it('thirty silent hosts in ten seconds are a sweep, twenty-nine are none', () => {
    for (const packet of [
      { protocol: Protocol.tcp, tcpFlags: 2 },
      { protocol: Protocol.udp, destinationPort: 161 },
      { protocol: Protocol.icmp, sourcePort: 8, destinationPort: 0 },
    ]) {
      expect(kindsOf(sweep(30, packet))).toEqual(['address-sweep']);
      expect(kindsOf(sweep(29, packet))).toEqual([]);
    }
  });

  it('of ever other ports is told where there are more hosts than file sharing tries', () => {
    const hail = (count: number) =>
      times(count, (k) => silentSyn({ atS: k * 0.011, source, destination: host(k), destinationPort: 1024 + k }));
    expect(incidentsOf(hail(850))).toMatchObject([{ kind: 'address-sweep', sources: [source] }]);
    expect(kindsOf(hail(750))).toEqual([]);
  });

  it('hosts that answer are no sweep', () => {
    expect(
      kindsOf(times(100, (k) => session({ ...at(k, 0.1), destination: host(k + 1), destinationPort: 443 }))),
    ).toEqual([]);
  });
});

describe('ARP sweep', () => {
  const asks = (count: number) => times(count, (k) => arpRequest(k * 0.1, source, host(k + 1, '10.0')));

  it('sixty-four addresses in ten seconds are a sweep, sixty-three are none', () => {
    expect(kindsOf(asks(64))).toEqual(['address-sweep']);
    expect(kindsOf(asks(63))).toEqual([]);
  });

  it('a router that asks for the same hosts over and over is none', () => {
    expect(kindsOf(times(2000, (k) => arpRequest(k * 0.02, source, host(1 + (k % 40), '10.0'))))).toEqual([]);
  });
});
