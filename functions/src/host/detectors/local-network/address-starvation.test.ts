import { NOTE_CODE_RESPONSE, NoteKind, PayloadGuess } from '@weir/contracts';
import { describe, expect, it } from 'vitest';
import type { SaidPacket } from '../../../flow/packets.fixture.js';
import { incidentsOf, kindsOf, times } from '../traffic.fixture.js';

const DISCOVER = 1;
const REQUEST = 3;

function dhcp(atS: number, machine: number, noteCode = DISCOVER): Partial<SaidPacket>[] {
  const mac = `02:00:00:00:${(machine >> 8).toString(16).padStart(2, '0')}:${(machine & 255).toString(16).padStart(2, '0')}`;
  return [
    {
      ...{ atS, source: '0.0.0.0', destination: '255.255.255.255', sourcePort: 68, destinationPort: 67 },
      ...{ payloadGuess: PayloadGuess.dhcp, noteKind: NoteKind.dhcp, noteCode, noteText: `${mac} - - desk` },
    },
  ];
}

const ofStarvation = (packets: Partial<SaidPacket>[]) =>
  incidentsOf(packets).filter(({ title }) => title.includes('none is left'));

describe('machines that look for a DHCP server', () => {
  it('are starvation when 150 do within seconds, and none when a tenth fewer do', () => {
    expect(ofStarvation(times(150, (k) => dhcp(k * 0.05, k)))).toMatchObject([
      { kind: 'rogue-server', severity: 'medium', sources: [] },
    ]);
    expect(ofStarvation(times(135, (k) => dhcp(k * 0.05, k)))).toEqual([]);
  });

  it('are none when one asks again and again, when they ask over minutes, and when they renew', () => {
    expect(kindsOf(times(600, (k) => dhcp(k * 0.02, k % 20)))).not.toContain('rogue-server');
    expect(kindsOf(times(400, (k) => dhcp(k * 0.5, k)))).not.toContain('rogue-server');
    expect(kindsOf(times(400, (k) => dhcp(k * 0.02, k, REQUEST)))).not.toContain('rogue-server');
    expect(kindsOf(times(400, (k) => dhcp(k * 0.02, k, DISCOVER | NOTE_CODE_RESPONSE)))).not.toContain('rogue-server');
  });
});
