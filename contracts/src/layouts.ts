import type { Layout } from './columns.js';
import { ACTIVITY_COLUMNS, NOTE_COLUMNS } from './contributions.js';
import { FLOW_RECORD_COLUMNS } from './flow-record.js';
import { FLOW_ROW_COLUMNS } from './flow-rows.js';
import { PACKET_COLUMNS } from './packet-batch.js';

/** A layout as it travels. Its version rises by one when a column is added, removed, renamed, moved or means another thing. */
export interface VersionedLayout<L extends Layout> {
  readonly name: string;
  readonly version: number;
  readonly columns: L;
}

/** Every layout that leaves a process. */
export const LAYOUTS = {
  packets: { name: 'packets', version: 1, columns: PACKET_COLUMNS },
  activity: { name: 'activity', version: 1, columns: ACTIVITY_COLUMNS },
  notes: { name: 'notes', version: 1, columns: NOTE_COLUMNS },
  flowRows: { name: 'flowRows', version: 1, columns: FLOW_ROW_COLUMNS },
  flowRecords: { name: 'flowRecords', version: 1, columns: FLOW_RECORD_COLUMNS },
} as const;
