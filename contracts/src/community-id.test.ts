import { describe, expect, it } from 'vitest';
import { communityId, icmpCounterpart, parseAddress } from './index.js';

type Vector = readonly [
  protocol: number,
  source: string,
  sourcePort: number,
  destination: string,
  destinationPort: number,
  id: string,
];

const idOf = ([protocol, source, sourcePort, destination, destinationPort]: Vector, seed?: number) =>
  communityId(
    { source: parseAddress(source), destination: parseAddress(destination), sourcePort, destinationPort, protocol },
    seed,
  );

/** The flows that corelight/community-id-spec publishes as its baseline, seed 0. */
// biome-ignore format: a table
const PUBLISHED: Vector[] = [
  [6, '128.232.110.120', 34855, '66.35.250.204', 80, '1:LQU9qZlK+B5F3KDmev6m5PMibrg='],
  [6, '66.35.250.204', 80, '128.232.110.120', 34855, '1:LQU9qZlK+B5F3KDmev6m5PMibrg='],
  [6, '2001:470:e5bf:dead:4957:2174:e82c:4887', 63943, '2607:f8b0:400c:c03::1a', 25, '1:/qFaeAR+gFe1KYjMzVDsMv+wgU4='],
  [6, '2607:f8b0:400c:c03::1a', 25, '2001:470:e5bf:dead:4957:2174:e82c:4887', 63943, '1:/qFaeAR+gFe1KYjMzVDsMv+wgU4='],
  [17, '192.168.1.52', 54585, '8.8.8.8', 53, '1:d/FP5EW3wiY1vCndhwleRRKHowQ='],
  [17, '8.8.8.8', 53, '192.168.1.52', 54585, '1:d/FP5EW3wiY1vCndhwleRRKHowQ='],
  [132, '192.168.170.8', 7, '192.168.170.56', 7, '1:MP2EtRCAUIZvTw6MxJHLV7N7JDs='],
  [132, '192.168.170.56', 7, '192.168.170.8', 7, '1:MP2EtRCAUIZvTw6MxJHLV7N7JDs='],
  [1, '192.168.0.89', 8, '192.168.0.1', 0, '1:X0snYXpgwiv9TZtqg64sgzUn6Dk='],
  [1, '192.168.0.1', 0, '192.168.0.89', 8, '1:X0snYXpgwiv9TZtqg64sgzUn6Dk='],
  [1, '10.0.0.1', 11, '10.0.0.2', 0, '1:YHxtAirCG//0OzkcVAukqKQN9xM='],
  [58, 'fe80::200:86ff:fe05:80da', 135, 'fe80::260:97ff:fe07:69ea', 136, '1:dGHyGvjMfljg6Bppwm3bg0LO8TY='],
  [58, 'fe80::260:97ff:fe07:69ea', 136, 'fe80::200:86ff:fe05:80da', 135, '1:dGHyGvjMfljg6Bppwm3bg0LO8TY='],
  [58, 'fe80::260:97ff:fe07:69ea', 135, 'fe80::200:86ff:fe05:80da', 136, '1:zavyT/cezQr1fmImYCwYnMXbgck='],
  [58, 'fe80::200:86ff:fe05:80da', 136, 'fe80::260:97ff:fe07:69ea', 135, '1:zavyT/cezQr1fmImYCwYnMXbgck='],
  [58, '3ffe:501:1800:2345::2', 3, '3ffe:507:0:1:200:86ff:fe05:80da', 0, '1:2ObVBgIn28oZvibYZhZMBgh7WdQ='],
  [58, '3ffe:501:410:0:2c0:dfff:fe47:33e', 1, '3ffe:507:0:1:200:86ff:fe05:80da', 4, '1:hLZd0XGWojozrvxqE0dWB1iM6R0='],
  [58, '3ffe:507:0:1:200:86ff:fe05:80da', 128, '3ffe:501:0:1001::2', 129, '1:+TW+HtLHvV1xnGhV1lv7XoJrqQg='],
  [58, '3ffe:501:0:1001::2', 129, '3ffe:507:0:1:200:86ff:fe05:80da', 128, '1:+TW+HtLHvV1xnGhV1lv7XoJrqQg='],
  [58, 'fe80::200:86ff:fe05:80da', 133, 'ff02::2', 134, '1:hO+sN4H+MG5MY/8hIrXPqc4ZQz0='],
  [58, 'fe80::260:97ff:fe07:69ea', 134, 'ff02::1', 133, '1:pkvHqCL88/tg1k4cPigmZXUtL00='],
  [46, '10.1.12.1', 0, '10.1.12.2', 0, '1:KHlLkgoJW7ifUTyTSgyVfkFHzKw='],
  [46, '10.1.12.2', 0, '10.1.12.1', 0, '1:KHlLkgoJW7ifUTyTSgyVfkFHzKw='],
];

/** What the reference implementation (PyPI communityid 1.5) gives with seed 1. */
// biome-ignore format: a table
const SEEDED: Vector[] = [
  [6, '128.232.110.120', 34855, '66.35.250.204', 80, '1:3V71V58M3Ksw/yuFALMcW0LAHvc='],
  [17, '192.168.1.52', 54585, '8.8.8.8', 53, '1:Q9We8WO3piVF8yEQBNJF4uiSVrI='],
  [132, '192.168.170.8', 7, '192.168.170.56', 80, '1:Y1/0jQg6e+I3ZwZZ9LP65DNbTXU='],
  [1, '192.168.0.89', 8, '192.168.0.1', 0, '1:03g6IloqVBdcZlPyX8r0hgoE7kA='],
  [58, 'fe80::200:86ff:fe05:80da', 135, 'fe80::260:97ff:fe07:69ea', 136, '1:kHa1FhMYIT6Ym2Vm2AOtoOARDzY='],
  [47, '10.0.0.2', 0, '10.0.0.1', 0, '1:BuvF116GIMVorQSVAHuZSothg0Q='],
];

describe('the Community ID', () => {
  it.each(PUBLISHED)('of protocol %i from %s %i to %s %i is the published one', (...vector) => {
    expect(idOf(vector)).toBe(vector[5]);
  });

  it.each(SEEDED)('of protocol %i from %s %i to %s %i follows the seed', (...vector) => {
    expect(idOf(vector, 1)).toBe(vector[5]);
  });

  it('of a one-way ICMP message keeps its direction, whatever its code', () => {
    // Destination unreachable (3) with code 8: the code is no counterpart.
    expect(idOf([1, '10.0.0.9', 3, '10.0.0.1', 8, ''])).toBe('1:qLS3G9qAYNcAlrVc56LD3Yv0kec=');
    expect(idOf([1, '10.0.0.1', 3, '10.0.0.9', 8, ''])).not.toBe('1:qLS3G9qAYNcAlrVc56LD3Yv0kec=');
  });

  it('orders equal addresses by port', () => {
    expect(idOf([6, '10.0.0.1', 9, '10.0.0.1', 8, ''])).toBe('1:BriuZqmfifIqTVJOpCHPKIUrNIU=');
    expect(idOf([6, '10.0.0.1', 8, '10.0.0.1', 9, ''])).toBe('1:BriuZqmfifIqTVJOpCHPKIUrNIU=');
  });
});

describe('an ICMP counterpart', () => {
  it.each([1, 58])('of protocol %i is mutual', (protocol) => {
    for (let type = 0; type < 256; type++) {
      const counterpart = icmpCounterpart(protocol, type);
      if (counterpart >= 0) expect(icmpCounterpart(protocol, counterpart)).toBe(type);
    }
  });

  it('is −1 for a message that awaits no answer', () => {
    expect(icmpCounterpart(1, 3)).toBe(-1);
    expect(icmpCounterpart(58, 8)).toBe(-1);
  });
});
