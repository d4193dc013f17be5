import { readFileSync } from 'node:fs';
import type { GeoMap } from '@weir/contracts/dashboard-api';
import { type CityResponse, Reader } from 'mmdb-lib';
import { severityOf } from '../queries/incidents.js';
import { HOST_INCIDENTS, type Range } from '../queries/ranges.js';
import { isInternal } from '../queries/topology.js';
import { SettingsError } from '../settings.js';
import type { Queries } from '../store/database.js';

/** Public addresses looked up for one map, those with most bytes first. */
const MOST_ADDRESSES = 20_000;

/** Where addresses are, by a GeoIP database in MMDB format of cities, with coordinates. */
export class Places {
  private constructor(
    private readonly reader: Reader<CityResponse>,
    readonly name: string,
  ) {}

  /** Reads the file. Throws a SettingsError that names it. */
  static open(path: string): Places {
    try {
      const reader = new Reader<CityResponse>(readFileSync(path));
      const { databaseType, buildEpoch } = reader.metadata;
      return new Places(reader, `${databaseType} of ${new Date(buildEpoch).toISOString().slice(0, 10)}`);
    } catch (error) {
      throw new SettingsError(
        `cannot read "${path}" as a GeoIP database: ${(error as Error).message}. Name an .mmdb file of cities.`,
      );
    }
  }

  /** The place of an address, or undefined when the database does not say where on the map it is. */
  find(address: string): Omit<GeoMap['places'][number], 'hosts' | 'bytes' | 'incidents'> | undefined {
    const found = this.reader.get(address);
    const { latitude, longitude } = found?.location ?? {};
    if (!found || latitude === undefined || longitude === undefined) return undefined;
    const country = found.country?.iso_code ?? '';
    return { country, name: found.city?.names?.en ?? found.country?.names?.en ?? country, latitude, longitude };
  }
}

/** Where the traffic of a range came from. */
export async function geoMap(queries: Queries, places: Places, { fromMs, toMs }: Range): Promise<GeoMap> {
  const rows = await queries.rows<{ address: string; bytes: number; incidents: number; worst: number | null }>(
    `SELECT address, sum(bytes) AS bytes, coalesce(any_value(incidents), 0) AS incidents, any_value(worst) AS worst FROM (
       SELECT address, bytes FROM windows WHERE scope = 'host' AND start_ms >= $1 AND start_ms < $2
       UNION ALL SELECT peer, bytes FROM peers p WHERE start_ms >= $1 AND start_ms < $2 AND peer NOT IN (
         SELECT address FROM windows WHERE scope = 'host' AND start_ms >= $1 AND start_ms < $2)
       UNION ALL SELECT address, 0 FROM incident_hosts)
     LEFT JOIN (${HOST_INCIDENTS}) USING (address) GROUP BY address ORDER BY bytes DESC LIMIT ${MOST_ADDRESSES}`,
    [fromMs, toMs],
  );
  const spots = new Map<string, { place: GeoMap['places'][number]; worst: number }>();
  let unplaced = 0;
  for (const { address, bytes, incidents, worst } of rows) {
    if (isInternal(address) || address.includes('/')) continue;
    const place = places.find(address);
    if (!place) {
      unplaced++;
      continue;
    }
    const key = `${place.latitude} ${place.longitude}`;
    const spot = spots.get(key) ?? { place: { ...place, hosts: 0, bytes: 0, incidents: 0 }, worst: -1 };
    spot.place.hosts++;
    spot.place.bytes += bytes;
    spot.place.incidents += incidents;
    spot.worst = Math.max(spot.worst, worst ?? -1);
    spots.set(key, spot);
  }
  const worstOf = (worst: number) => (worst < 0 ? {} : { worstSeverity: severityOf(worst) });
  return {
    database: places.name,
    places: [...spots.values()].map(({ place, worst }) => ({ ...place, ...worstOf(worst) })),
    unplaced,
  };
}
