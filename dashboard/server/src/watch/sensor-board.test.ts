import { describe, expect, it } from 'vitest';
import { aHealth } from '../events.fixture.js';
import { SensorBoard } from './sensor-board.js';

describe('the sensor board', () => {
  let nowMs = 1_000_000;
  const board = () => new SensorBoard({ nowMs: () => nowMs, facts: () => undefined, isReplay: false });

  it('says nothing of what it has not heard of', () => {
    expect(board().overall().status).toBe('waiting');
  });

  it('tells rates, lag and drops, and whether a sensor is silent or has ended', () => {
    const sensors = board();
    sensors.note(aHealth({ sensor: 'a', atMs: nowMs - 2000, packetsCaptured: 100 }), nowMs);
    nowMs += 2000;
    sensors.note(
      aHealth({ sensor: 'a', atMs: nowMs - 2000, packetsCaptured: 300, packetsDroppedByKernel: 100 }),
      nowMs,
    );
    sensors.note(aHealth({ sensor: 'b', atMs: 0xffff_ffff * 1000 }), nowMs);
    const [a, b] = sensors.sensors();
    expect(a).toMatchObject({ state: 'running', packetsPerSecond: 100, lagMs: 2000, droppedShare: 0.25 });
    expect(b).toMatchObject({ state: 'ended' });
    expect(sensors.overall()).toMatchObject({ status: 'impaired', reason: 'a dropped 25.0 % of its packets.' });
    nowMs += 60_000;
    expect(sensors.sensors()[0]).toMatchObject({ state: 'silent', packetsPerSecond: 0 });
    expect(sensors.blindSpots()[0]!.what).toBe('Sensor a is silent.');
  });

  it('begins its rate anew when a sensor does', () => {
    const sensors = board();
    sensors.note(aHealth({ packetsCaptured: 1000 }), nowMs);
    nowMs += 1000;
    sensors.note(aHealth({ packetsCaptured: 10 }), nowMs);
    expect(sensors.sensors()[0]!.packetsPerSecond).toBe(0);
  });

  it('is blind when no sensor delivers', () => {
    const sensors = board();
    sensors.note(aHealth(), nowMs);
    nowMs += 60_000;
    expect(sensors.overall()).toMatchObject({ status: 'blind', reason: 'Nothing comes from sensor local.' });
  });
});
