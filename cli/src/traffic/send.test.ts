import { createServer } from 'node:net';
import { describe, expect, it } from 'vitest';
import { LoopbackOnlyError, loopbackAddress } from './loopback.js';
import { nodeLoopbackWire } from './loopback-wire.js';
import { type LoopbackWire, SEND_LIMITS, type SendOptions, sendTraffic } from './send.js';

/** A wire that only notes what it is asked, with a clock that moves when slept on. */
function recordingWire(stepMs = 0) {
  const sent: string[] = [];
  let nowMs = 0;
  const wire: LoopbackWire = {
    connect: async (address, port, payload) => {
      sent.push(`tcp ${address}:${port} ${payload?.length ?? 0}`);
      nowMs += stepMs;
      return port % 2 === 0;
    },
    datagram: async (address, port, payload) => void sent.push(`udp ${address}:${port} ${payload.length}`),
    nowMs: () => nowMs,
    sleep: async (ms) => {
      nowMs += ms;
    },
    close: () => {},
  };
  return { sent, wire };
}

const ELSEWHERE = [
  '0.0.0.0',
  '::',
  '10.0.0.1',
  '192.0.2.1',
  '128.0.0.1',
  'localhost.evil.example',
  'evil.example',
  'LOCALHOST',
  'localhost.',
  '2130706433',
  '0x7f000001',
  '0x7f.0.0.1',
  '0177.0.0.1',
  '127.1',
  '127.0.1',
  '127.0.0.256',
  '127.0.0.01',
  '127.0.0.1.evil.example',
  '127.0.0.1 ',
  ' 127.0.0.1',
  '127.0.0.1:80',
  '127.0.0.1@192.0.2.1',
  '127.0.0.1\u0000.evil.example',
  '１２７.0.0.1',
  '::ffff:127.0.0.1',
  '::ffff:192.0.2.1',
  '::127.0.0.1',
  '::1%eth0',
  '[::1]',
  'fe80::1',
  '2001:db8::1',
  '',
];

describe('sending', () => {
  for (const target of ELSEWHERE) {
    it(`refuses ${JSON.stringify(target)} before any packet`, async () => {
      const { sent, wire } = recordingWire();
      const options: SendOptions = { kind: 'syn-flood', target, port: 80 };
      await expect(sendTraffic(options, wire)).rejects.toThrow(LoopbackOnlyError);
      await expect(sendTraffic(options, wire)).rejects.toThrow('this machine only');
      expect(sent).toEqual([]);
    });
  }

  it('accepts the loopback addresses and the word localhost', () => {
    expect(['127.0.0.1', '127.255.3.4', '::1', 'localhost'].map(loopbackAddress)).toEqual([
      '127.0.0.1',
      '127.255.3.4',
      '::1',
      '127.0.0.1',
    ]);
  });

  it('keeps its pace and its count', async () => {
    const { sent, wire } = recordingWire();
    const options: SendOptions = {
      kind: 'port-scan',
      target: '127.0.0.1',
      port: 8000,
      packets: 20,
      packetsPerSecond: 10,
    };
    const summary = await sendTraffic(options, wire);
    expect(sent).toEqual(Array.from({ length: 20 }, (_, i) => `tcp 127.0.0.1:${8000 + i} 0`));
    expect(summary).toEqual({ actions: 20, refused: 10, seconds: 1.9, cutShort: false });
  });

  it('stops at the time limit', async () => {
    const { wire } = recordingWire(1000);
    const summary = await sendTraffic({ kind: 'syn-flood', target: '::1', port: 80, packets: 500 }, wire);
    expect(summary.actions).toBe(SEND_LIMITS.seconds);
    expect(summary.cutShort).toBe(true);
  });

  it('sends tunnel queries as datagrams and guesses as connections with a payload', async () => {
    const { sent, wire } = recordingWire();
    await sendTraffic({ kind: 'dns-tunnel', target: '127.0.0.1', port: 5353, packets: 1 }, wire);
    await sendTraffic({ kind: 'brute-force', target: '127.0.0.1', port: 2222, packets: 1 }, wire);
    expect(sent[0]).toMatch(/^udp 127\.0\.0\.1:5353 \d\d/);
    expect(sent[1]).toBe('tcp 127.0.0.1:2222 23');
  });

  it('refuses sizes beyond its limits, bad ports and what needs raw sockets', async () => {
    const { sent, wire } = recordingWire();
    const base = { target: '127.0.0.1', port: 80 };
    const attempt = (options: Partial<SendOptions> & { kind: SendOptions['kind'] }) =>
      sendTraffic({ ...base, ...options }, wire);
    await expect(attempt({ kind: 'syn-flood', packets: 2001 })).rejects.toThrow('packets must be at most 2000');
    await expect(attempt({ kind: 'syn-flood', packetsPerSecond: 501 })).rejects.toThrow('at most 500');
    await expect(attempt({ kind: 'syn-flood', port: 0 })).rejects.toThrow('from 1 to 65535');
    await expect(attempt({ kind: 'port-scan', technique: 'xmas' })).rejects.toThrow('raw sockets');
    await expect(attempt({ kind: 'demo' })).rejects.toThrow('choose one');
    expect(sent).toEqual([]);
  });

  it('reaches a real listener on loopback', async () => {
    let received = '';
    const server = createServer((socket) =>
      socket
        .on('data', (data) => {
          received += data.toString();
        })
        .on('error', () => {}),
    );
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as { port: number };
    const options: SendOptions = { kind: 'benign', target: '127.0.0.1', port, packets: 1 };
    const summary = await sendTraffic(options, nodeLoopbackWire());
    await new Promise((resolve) => server.close(resolve));
    expect(summary).toMatchObject({ actions: 1, refused: 0 });
    expect(received).toMatch(/^GET \/ HTTP\/1\.1\r\n/);
  });
});
