import type { HostConfig } from './config.js';
import { observersOf } from './detectors/keyed-observers.js';
import { FIELD } from './fields.js';
import { NETWORK_ROW } from './host-rows.js';
import type { HostWindow } from './host-window.js';
import type { HostPartitionState } from './state.js';

/** Packets of what floods are made of, to one host in one pane, below which nobody asks. Unit: packet. */
const LEAST_PACKETS = 2;

/** Shows each host that was sent something of what floods are made of in the current pane, when that is complete. */
export function observeFlooded(
  state: HostPartitionState,
  view: HostWindow,
  { second, host }: { second: number; host: HostConfig },
): void {
  const { blocks, touched } = state.hosts;
  const { pane: observers } = observersOf(state.keyed);
  if (observers.length === 0) return;
  for (let k = 0; k < touched.count; k++) {
    const row = touched.rows[k]!;
    const packets = blocks[state.hosts.blockAt(row, 0) + FIELD.floodInPane]!;
    if (packets < LEAST_PACKETS || row === NETWORK_ROW) continue;
    view.point(state, row, 0);
    for (const observer of observers) {
      observer.counts.sensorBit = state.hosts.sensorBits.of(row, 0);
      observer.observePane(view, second, host);
    }
  }
}
