import { createActivityTable } from '@weir/contracts';
import { describe, expect, it } from 'vitest';
import { newVisits, VisitKeys } from './visits.js';

const BOUNDS = { maxKeys: 100, idleS: () => 3600, periodS: 300 };
const HOUR_S = 3600;

/** Keys of which each names a client, a server and a port by its digits: 213 is client 2 at server 1, port 3. */
class Keys extends VisitKeys {
  constructor() {
    super(BOUNDS, () => undefined);
  }

  visit(key: number, atS: number): this {
    const entry = this.get(key) ?? this.add(key, () => ({ ...newVisits(createActivityTable(1), 0), ...namesOf(key) }))!;
    this.touch(entry, atS * 1e6, atS * 1e6);
    this.takeTouched();
    return this;
  }

  clientsAt(server: number): number {
    return this.clientsOf({ ...newVisits(createActivityTable(1), 0), server: `server ${server}` });
  }
}

function namesOf(key: number) {
  const [client, server, port] = String(key).split('');
  return { client: `client ${client}`, server: `server ${server}`, port: Number(port) };
}

describe('clients of a server', () => {
  it('count once for all its services, and until the last of these is forgotten', () => {
    const keys = new Keys().visit(111, 10).visit(112, 10).visit(211, 10);
    expect([keys.clientsAt(1), keys.clientsAt(2)]).toEqual([2, 0]);
    keys.visit(311, 20).visit(112, HOUR_S).visit(421, HOUR_S);
    expect([keys.clientsAt(1), keys.clientsAt(2)]).toEqual([3, 1]);
    keys.rollTo(HOUR_S + 600);
    expect([keys.clientsAt(1), keys.clientsAt(2)]).toEqual([1, 1]);
    keys.rollTo(3 * HOUR_S);
    expect([keys.clientsAt(1), keys.clientsAt(2)]).toEqual([0, 0]);
  });

  it('are the same after a restart, and whether they were asked for before or not', () => {
    const asked = new Keys().visit(111, 10);
    asked.clientsAt(1);
    asked.visit(211, 20).visit(212, 20).visit(111, 30);
    const unasked = new Keys().visit(111, 10).visit(211, 20).visit(212, 20).visit(111, 30);
    const restored = new Keys().visit(711, 5);
    restored.clientsAt(1);
    restored.restore(JSON.parse(JSON.stringify(asked.snapshot())));
    expect([asked, unasked, restored].map((keys) => keys.clientsAt(1))).toEqual([2, 2, 2]);
  });
});
