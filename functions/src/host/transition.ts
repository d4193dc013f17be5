import {
  type ActivityTable,
  type Alert,
  FlowEvent,
  type HostBatch,
  hashAddress,
  hashBytes,
  NoteKind,
  Role,
  WINDOW_LENGTHS_S,
} from '@weir/contracts';
import type { HostOutput } from '../runtime/port.js';
import { blindnessOf, type Moment, raiseAlert } from './alerts.js';
import { countActivity, noteTimes } from './count.js';
import { HOST_DETECTORS, type HostDetector, type KeyedDetector } from './detectors/index.js';
import { clearBlock, FIELD, SET } from './fields.js';
import { dropSets, foldWindow } from './fold.js';
import { HostWindow } from './host-window.js';
import { NETWORK_ROW } from './hosts.js';
import type { HostSettings } from './index.js';
import { PaneQueue } from './pane-queue.js';
import type { HostPartitionState } from './state.js';
import { forgetOldStatements, isWorthSaying, wasSaidInShorter } from './statements.js';
import { describeWindow } from './traffic-window.js';

const WINDOWS = WINDOW_LENGTHS_S.length;

/** Detectors by the window that they look at. */
const DETECTORS_BY_WINDOW = WINDOW_LENGTHS_S.map((_, window) =>
  HOST_DETECTORS.filter((detector) => detector.windows.includes(window)),
);

/**
 * The host function at work on one partition: panes are counted when the slowest upstream has passed them, in order, so
 * that neither the size nor the interleaving of batches matters.
 */
export class HostTransition {
  private readonly view = new HostWindow();
  private state!: HostPartitionState;
  private emit!: (output: HostOutput) => void;
  private alerts: Alert[][] = [];

  /** A host with fewer packets and ARP requests in a window is below every threshold: no detector need look. */
  private readonly leastPackets: number;

  constructor(private readonly settings: HostSettings) {
    this.leastPackets = leastPacketsOf(settings.host);
  }

  run(state: HostPartitionState, batch: HostBatch, emit: (output: HostOutput) => void): void {
    if (!queueOf(state, batch.upstream).accept(batch)) return;
    this.state = state;
    this.emit = emit;
    this.alerts = Array.from({ length: this.settings.incidentPartitions }, () => []);
    state.sensorCounters.set(batch.sensor, batch.sensorCounters);
    this.advanceTo(lowestWatermark(state, this.settings.upstreams));
    this.send();
  }

  /** Counts all panes before `watermarkS` in order, closing windows between them. */
  private advanceTo(watermarkS: number): void {
    const { state } = this;
    if (watermarkS <= state.watermarkS) return;
    for (let pane = firstPane(state); pane < watermarkS; pane = firstPane(state)) {
      this.closeWindows(pane);
      this.openWindows(pane);
      this.countPane(pane);
      this.closePane(pane);
      // A window that ends with this pane can still show its flows. Later ones show none: what the queues hold by then
      // depends on how the input was cut.
      this.closeWindows(pane + 1);
      for (const queue of state.queues.values()) queue.forgetTaken();
    }
    this.closeWindows(watermarkS);
    state.watermarkS = watermarkS;
    for (const queue of state.queues.values()) queue.compact();
  }

  private countPane(pane: number): void {
    for (const queue of this.state.queues.values()) {
      this.countActivityOf(queue, pane);
      this.countNotesOf(queue, pane);
    }
  }

  private countActivityOf(queue: PaneQueue, pane: number): void {
    const { state } = this;
    const { activity } = queue;
    const withWindows = this.settings.windows !== 'none';
    const { events, payloadEntropy, roles } = activity.columns;
    for (let i = queue.takeActivity(pane); i >= 0; i = queue.nextActivity(i)) {
      countActivity(state, activity, i, pane, withWindows);
      // Detectors of pairs live on how flows end, and on what their payload looks like.
      const isTelling = (events[i]! & FlowEvent.ended) !== 0 || payloadEntropy[i] !== 0;
      if (isTelling && roles[i]! & Role.originator) this.observeActivity(activity, i);
    }
  }

  private observeActivity(activity: ActivityTable, i: number): void {
    for (const detector of this.state.keyed) detector.observeActivity?.(activity, i, this.settings.host);
  }

  private countNotesOf(queue: PaneQueue, pane: number): void {
    const { noteKind } = queue.notes.columns;
    for (let i = queue.takeNotes(pane); i >= 0; i = queue.nextNote(i)) {
      if (noteKind[i] === NoteKind.arpRequest) this.countArpRequest(queue, i, pane);
      else for (const detector of this.state.keyed) detector.observeNote?.(queue.notes, i, this.settings.host);
    }
  }

  private countArpRequest(queue: PaneQueue, i: number, pane: number): void {
    const { hosts, sets } = this.state;
    const c = queue.notes.columns;
    // A probe for an own address (RFC 5227) has no sender; an announcement asks for itself.
    const client = c.clientAddress.words;
    if (client[i * 4 + 3] === 0 || c.noteValue[i] === 1) return;
    const row = hosts.touch(client, i * 4, hashAddress(client, i * 4), pane);
    if (row < 0) return;
    const block = hosts.enter(row, pane);
    hosts.blocks[block + FIELD.arpRequestsOut]! += 1;
    noteTimes(hosts.blocks, block, c.timeUs[i]!, c.timeUs[i]!, FIELD.firstArpUs, FIELD.lastArpUs);
    const handle = hosts.setsAt(row, 0) + SET.arpTargets;
    const target = hashBytes(c.serverAddress.bytes, i * 16, i * 16 + 16);
    hosts.setHandles[handle] = sets.add(hosts.setHandles[handle]!, target);
  }

  /** The pane is complete: lets the detectors look at the hosts that it touched. */
  private closePane(pane: number): void {
    const { hosts, keyed } = this.state;
    const moment = this.momentAt(pane + 1);
    this.lookAtTouched(moment);
    hosts.touched.length = 0;
    for (const detector of keyed) this.lookKeyed(detector, moment);
  }

  // A function of its own, with nothing behind the loop: V8 keeps code that it made inside a running loop even where the
  // way out of the loop makes it fall back each time.
  private lookAtTouched(moment: Moment): void {
    const { touched } = this.state.hosts;
    for (let k = 0; k < touched.length; k++) if (touched[k] !== NETWORK_ROW) this.look(touched[k]!, 0, moment);
  }

  /** Lets the detectors of a window length look at one host; each speaks when it first has cause, and at each doubling. */
  private look(row: number, window: number, moment: Moment, isClosing = false): void {
    const { state, settings, view } = this;
    const { blocks } = state.hosts;
    const block = state.hosts.blockAt(row, window);
    const packets = blocks[block + FIELD.sentPackets]! + blocks[block + FIELD.receivedPackets]!;
    if (packets < this.leastPackets && blocks[block + FIELD.arpRequestsOut]! < this.leastPackets) return;
    view.point(state, row, window);
    for (const detector of DETECTORS_BY_WINDOW[window]!) {
      const magnitude = detector.magnitude(view, settings.host);
      if (magnitude < 1) continue;
      const windowStartS = state.windowStartS[window]!;
      const aboutIn = (index: number) => `${detector.name}|${index}|${view.address}`;
      if (wasSaidInShorter(state.statements, { index: window, startS: windowStartS }, aboutIn)) continue;
      if (isWorthSaying(state.statements, aboutIn(window), { windowStartS, magnitude, isClosing }))
        this.say(detector, detector.argue(view, settings.host), magnitude, {
          windowStartS: windowStartS * WINDOWS + window,
          detectedAtMs: moment.detectedAtMs,
        });
    }
  }

  private lookKeyed(detector: KeyedDetector, moment: Moment): void {
    const { settings, state } = this;
    for (const entry of detector.counts.takeTouched()) {
      const magnitude = detector.magnitude(entry, settings.host);
      if (magnitude < 1) continue;
      const windowStartS = detector.counts.halfStartS;
      const finding = { windowStartS, magnitude, isClosing: false };
      if (isWorthSaying(state.statements, `${detector.name}|${entry.key}`, finding))
        this.say(detector, detector.argue(entry, settings.host), magnitude, { ...moment, windowStartS });
    }
  }

  private say(
    detector: HostDetector | KeyedDetector,
    argument: Parameters<typeof raiseAlert>[1],
    magnitude: number,
    moment: Moment,
  ): void {
    const alert = raiseAlert(detector, argument, { ...moment, magnitude, blindness: blindnessOf(this.state) });
    const partition = hashBytes(Buffer.from(`${alert.kind}|${alert.entity}`)) % this.settings.incidentPartitions;
    this.alerts[partition]!.push(alert);
  }

  private momentAt(second: number): Moment {
    return { windowStartS: 0, detectedAtMs: second * 1000 + this.settings.allowedLatenessMs };
  }

  /** Opens the windows that pane `pane` lies in. */
  private openWindows(pane: number): void {
    const { state } = this;
    for (let window = 0; window < WINDOWS; window++) {
      const length = WINDOW_LENGTHS_S[window]!;
      state.windowStartS[window] = Math.floor(pane / length) * length;
    }
    for (const detector of state.keyed) detector.counts.rollTo(pane);
  }

  /** Closes the windows that end at or before `second`, shortest first: each is folded into the next longer one. */
  private closeWindows(second: number): void {
    const { state } = this;
    for (let window = 0; window < WINDOWS; window++) {
      const endS = state.windowStartS[window]! + WINDOW_LENGTHS_S[window]!;
      if (endS > second || this.activeIn(window).length === 0) continue;
      this.closeWindow(window, this.momentAt(endS));
    }
  }

  /** Rows with a block in this window. */
  private activeIn(window: number): number[] {
    return window === 0 ? this.state.hosts.active : this.state.active[window]!;
  }

  private closeWindow(window: number, moment: Moment): void {
    const { state } = this;
    const rows = this.activeIn(window);
    for (let k = 0; k < rows.length; k++) {
      const row = rows[k]!;
      const block = state.hosts.blockAt(row, window);
      // A row may have been forgotten and used again since.
      if (state.hosts.blocks[block + FIELD.contributions] === 0) continue;
      if (row !== NETWORK_ROW) this.look(row, window, moment, true);
      this.tell(row, window);
      const goesOn = window + 1 < WINDOWS && state.hosts.isProved(row);
      if (goesOn) foldWindow(state, row, window);
      else dropSets(state, row, window);
      clearBlock(state.hosts.blocks, block, window);
      state.hosts.dropPeers(row, window);
      if (goesOn && row !== NETWORK_ROW) this.look(row, window + 1, moment);
    }
    rows.length = 0;
  }

  private tell(row: number, window: number): void {
    const { windows } = this.settings;
    if (windows === 'none' || (windows === 'network' && row !== NETWORK_ROW)) return;
    const told = describeWindow(this.state, row, window);
    // Late ends of flows alone are no window.
    if (told.packets > 0) this.emit({ kind: 'window-closed', window: told });
  }

  private send(): void {
    const { state } = this;
    forgetOldStatements(state.statements, state.watermarkS);
    const sequence = state.nextSequence++;
    this.alerts.forEach((alerts, partition) => {
      const batch = { upstream: state.address, sequence, watermarkS: state.watermarkS, alerts };
      this.emit({ kind: 'alert-batch', partition, batch });
    });
  }
}

function queueOf(state: HostPartitionState, upstream: string): PaneQueue {
  let queue = state.queues.get(upstream);
  if (!queue) {
    queue = new PaneQueue();
    state.queues.set(upstream, queue);
    // In the order of names, so that the order in which upstreams first spoke does not matter.
    state.queues = new Map([...state.queues].sort(([a], [b]) => (a < b ? -1 : 1)));
  }
  return queue;
}

/** The second that all upstreams have passed; 0 while one of those expected has not spoken. */
function lowestWatermark(state: HostPartitionState, upstreams: readonly string[]): number {
  if (!upstreams.every((upstream) => state.queues.has(upstream))) return 0;
  let lowest = Number.POSITIVE_INFINITY;
  for (const queue of state.queues.values()) lowest = Math.min(lowest, queue.watermarkS);
  return lowest;
}

function firstPane(state: HostPartitionState): number {
  let first = Number.POSITIVE_INFINITY;
  for (const queue of state.queues.values()) first = Math.min(first, queue.firstPaneS);
  return first;
}

/** The lowest number of packets, or ARP requests, with which any detector of hosts can speak. */
function leastPacketsOf({ portScan, addressSweep, synFlood, udpFlood, icmpFlood }: HostSettings['host']): number {
  return Math.min(
    ...Object.values(portScan.ports),
    ...Object.values(addressSweep.targets),
    ...Object.values(addressSweep.arpTargets),
    synFlood.synPackets,
    udpFlood.packets,
    icmpFlood.packets,
  );
}
