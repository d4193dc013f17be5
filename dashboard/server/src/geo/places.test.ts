import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Value } from '@sinclair/typebox/value';
import { GeoMap } from '@weir/contracts/dashboard-api';
import { describe, expect, it } from 'vitest';
import { TestDashboard, temporaryFolder } from '../dashboard.fixture.js';
import { anIncident, aWindow } from '../events.fixture.js';
import { makeMmdb } from './mmdb.fixture.js';
import { Places } from './places.js';

const BERLIN = {
  city: { names: { en: 'Berlin' } },
  country: { iso_code: 'DE', names: { en: 'Germany' } },
  location: { latitude: 52.5, longitude: 13.4 },
};
const path = join(temporaryFolder(), 'cities.mmdb');
writeFileSync(path, makeMmdb([{ prefix: '203.0.113.0/24', value: BERLIN }]));

describe('places', () => {
  it('finds where an address is, by the database given', () => {
    const places = Places.open(path);
    expect(places.name).toBe('Test-City of 2023-11-14');
    expect(places.find('203.0.113.77')).toEqual({ country: 'DE', name: 'Berlin', latitude: 52.5, longitude: 13.4 });
    expect(places.find('198.51.100.1')).toBeUndefined();
    expect(() => Places.open('/etc/hostname')).toThrow(/hostname.*mmdb/);
  });

  it('shows public hosts on the map, with their incidents', async () => {
    const test = await TestDashboard.start({ geoPath: path });
    await test.followLink();
    test.bus.push({ kind: 'incident', incident: anIncident({ sources: ['203.0.113.77'] }) });
    for (const address of ['203.0.113.77', '198.51.100.1', '10.0.0.1']) {
      test.bus.push({ kind: 'window', window: aWindow({ address, bytes: 700 }) });
    }
    await test.settle();
    const map = (await test.call('GET', 'map')).json();
    expect([...Value.Errors(GeoMap, map)]).toEqual([]);
    expect(map.places).toEqual([
      { country: 'DE', name: 'Berlin', latitude: 52.5, longitude: 13.4, hosts: 1, bytes: 700, incidents: 1, worstSeverity: 'high' },
    ]); // biome-ignore format: short
    expect(map.unplaced).toBe(1);
    await test.stop();
  });
});
