import { type HostBatch, WINDOW_LENGTHS_S } from '@weir/contracts';
import type { HostInput, HostOutput } from '../runtime/port.js';
import { AlertOutbox } from './alert-outbox.js';
import { blindnessOf, type Moment, raiseAlert } from './alerts.js';
import type { HostConfig } from './config.js';
import type { HostDetector, KeyedDetector } from './detectors/index.js';
import { observersOf, rollStores } from './detectors/keyed-observers.js';
import { clearBlock, FIELD } from './fields.js';
import { observeFlooded } from './flooded-hosts.js';
import { dropSets, foldWindow } from './fold.js';
import { NETWORK_ROW } from './host-rows.js';
import { HostWindow } from './host-window.js';
import type { HostSettings } from './index.js';
import { type Gates, gatesOf, NO_GATES } from './open-gates.js';
import { countPane } from './pane-count.js';
import { sensorAlerts } from './sensor-looks.js';
import { degradedAlert } from './sensor-state.js';
import { noteSilence, silenceAlert } from './silence.js';
import type { HostPartitionState } from './state.js';
import { forgetOldStatements, isWorthSaying, wasSaidInShorter } from './statements.js';
import { Thresholds } from './threshold-controls.js';
import { describeWindow } from './traffic-window.js';
import { beginNextRuns, firstPane, reachedSecond, sensorsIn, takeBatch } from './upstreams.js';

/** Default of the setting. */
const SILENCE_TIMEOUT_S = 60;

/** Idle hosts are forgotten once in this time. Unit: s. */
const FORGET_EVERY_S = 10;

const WINDOWS = WINDOW_LENGTHS_S.length;
/** The window of a minute, by index. */
const MINUTE = 1;

/** A host's window at which a detector is asked to look. */
interface Looked {
  readonly row: number;
  readonly window: number;
  readonly isClosing: boolean;
}

/**
 * The host function at work on one partition: panes are counted when the slowest upstream has passed them, in order, so
 * that neither the size nor the interleaving of batches matters.
 */
export class HostTransition {
  private readonly view = new HostWindow();
  private state!: HostPartitionState;
  private emit!: (output: HostOutput) => void;
  private readonly alerts: AlertOutbox;
  private readonly thresholds: Thresholds;
  /** What holds now: as configured, or as an operator said since. */
  private host: HostConfig;
  private gates: readonly Gates[];
  private readonly gatesIn: typeof gatesOf;

  constructor(private readonly settings: HostSettings) {
    this.alerts = new AlertOutbox(settings.incidentPartitions);
    this.thresholds = new Thresholds(settings.host);
    this.host = settings.host;
    this.gatesIn = settings.detectors === 'none' ? () => NO_GATES : gatesOf;
    this.gates = this.gatesIn(settings.host);
  }

  run(state: HostPartitionState, input: HostInput, emit: (output: HostOutput) => void): void {
    this.state = state;
    this.emit = emit;
    this.alerts.take();
    this.host = this.thresholds.of(state);
    this.gates = this.gatesIn(this.host);
    switch (input.kind) {
      case 'host-batch':
        this.take(input.batch);
        return;
      case 'tick':
        this.tick(input.nowMs);
        return;
      case 'thresholds':
        if (!this.thresholds.change(state, input.settings)) state.counters.controlsRefused++;
    }
  }

  private take(batch: HostBatch): void {
    const { state, settings } = this;
    if (!takeBatch(state, batch, settings)) return;
    this.goOn();
  }

  /** As far as all upstreams have come, and on with runs that waited for that. */
  private goOn(): void {
    const { state, settings } = this;
    this.advanceTo(reachedSecond(state));
    this.send();
    while (state.nextRuns.size > 0 && beginNextRuns(state, settings)) {
      this.advanceTo(reachedSecond(state));
      this.send();
    }
  }

  /** Upstreams that are silent are no longer waited for. Every partition hears the same, so one speaks of it. */
  private tick(nowMs: number): void {
    const { state, settings } = this;
    const { silenceTimeoutS = SILENCE_TIMEOUT_S } = settings;
    const silent = noteSilence(state, nowMs, silenceTimeoutS);
    if (state.partition === 0)
      for (const sensor of silent) this.alerts.add(silenceAlert(state, sensor, silenceTimeoutS));
    if (silent.length > 0 || reachedSecond(state) > state.watermarkS) this.goOn();
  }

  /** Counts all panes before `watermarkS` in order, closing windows between them. */
  private advanceTo(watermarkS: number): void {
    const { state, host } = this;
    if (watermarkS <= state.watermarkS) return;
    const { windows: told } = this.settings;
    const windows = { hosts: told === 'all' || host.rules.length > 0, network: told !== 'none' };
    for (let pane = firstPane(state); pane < watermarkS; pane = firstPane(state)) {
      this.closeWindows(pane);
      this.openWindows(pane);
      // By the clock of the panes, so that it does not matter who else is in the partition.
      state.hosts.forgetIdle(pane - (pane % FORGET_EVERY_S));
      countPane({ state, second: pane, host, windows });
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

  /** The pane is complete: lets the detectors look at the hosts that it touched. */
  private closePane(pane: number): void {
    const { hosts, keyed } = this.state;
    const moment = this.momentAt(pane + 1);
    observeFlooded(this.state, this.view, { second: pane, host: this.host });
    this.lookAtTouched(moment);
    hosts.touched.clear();
    const { reports } = observersOf(keyed);
    for (let k = 0; k < reports.length; k++) {
      if (reports[k] === 0) continue;
      reports[k] = 0;
      this.lookKeyed(keyed[k]!, moment);
    }
  }

  // A function of its own, with nothing behind the loop: V8 keeps code that it made inside a running loop even where the
  // way out of the loop makes it fall back each time.
  private lookAtTouched(moment: Moment): void {
    const { touched } = this.state.hosts;
    const { rows, count } = touched;
    for (let k = 0; k < count; k++) if (rows[k] !== NETWORK_ROW) this.look(rows[k]!, 0, moment);
  }

  /** Lets the detectors of a window length look at one host; each speaks when it first has cause, and at each doubling. */
  private look(row: number, window: number, moment: Moment, isClosing = false): void {
    const { hosts } = this.state;
    const { blocks } = hosts;
    const { fields, leasts, detectors, leastSeen } = this.gates[window]!;
    const block = hosts.blockAt(row, window);
    const packets = blocks[block + FIELD.sentPackets]! + blocks[block + FIELD.receivedPackets]!;
    if (packets + blocks[block + FIELD.contributions]! < leastSeen) return;
    for (let k = 0; k < fields.length; k++)
      if (blocks[block + fields[k]!]! >= leasts[k]!) this.ask(detectors[k]!, { row, window, isClosing }, moment);
  }

  private ask(detector: HostDetector, { row, window, isClosing }: Looked, moment: Moment): void {
    const { state, host, view } = this;
    if (detector.onlyAtEnd && !isClosing) return;
    const magnitude = detector.magnitude(view.point(state, row, window), host);
    if (magnitude < 1) return;
    const windowStartS = state.windowStartS[window]!;
    const aboutIn = (index: number) => `${detector.name}|${index}|${view.address}`;
    if (wasSaidInShorter(state.statements, { index: window, startS: windowStartS }, aboutIn)) return;
    if (isWorthSaying(state.statements, aboutIn(window), { windowStartS, magnitude, isClosing }))
      this.say(detector, detector.argue(view, host), {
        windowStartS: windowStartS * WINDOWS + window,
        detectedAtMs: moment.detectedAtMs,
        magnitude,
        sensors: sensorsIn(state, state.hosts.sensorBits.of(row, window)),
      });
  }

  private lookKeyed(detector: KeyedDetector, moment: Moment): void {
    const { host, state } = this;
    for (const entry of detector.counts.takeTouched()) {
      const magnitude = detector.magnitude(entry, host);
      if (magnitude < 1) continue;
      const windowStartS = detector.counts.halfStartS;
      const finding = { windowStartS, magnitude, isClosing: false };
      if (isWorthSaying(state.statements, `${detector.name}|${entry.key}`, finding))
        this.say(detector, detector.argue(entry, host), {
          ...moment,
          windowStartS,
          magnitude,
          sensors: sensorsIn(state, entry.sensors | entry.sensorsBefore),
        });
    }
  }

  /** Flows that gave way in this minute. Time stands at its end. */
  private tellDegraded(block: number, moment: Moment): void {
    const evicted = this.state.hosts.blocks[block + FIELD.evictedFlows]!;
    const endS = (moment.detectedAtMs - this.settings.allowedLatenessMs) / 1000;
    if (evicted > 0) this.alerts.add(degradedAlert(this.state, evicted, endS));
  }

  private observeWindow(row: number, moment: Moment): void {
    const { state, host, view } = this;
    for (const detector of observersOf(state.keyed).window) {
      detector.observeWindow(view.point(state, row, WINDOWS - 1), host);
      this.lookKeyed(detector, moment);
    }
  }

  private say(
    detector: HostDetector | KeyedDetector,
    argument: Parameters<typeof raiseAlert>[1],
    details: Moment & { magnitude: number; sensors: string[] },
  ): void {
    this.alerts.add(raiseAlert(detector, argument, { ...details, blindness: blindnessOf(this.state) }));
  }

  private momentAt(second: number): Moment {
    return { windowStartS: 0, detectedAtMs: second * 1000 + this.settings.allowedLatenessMs };
  }

  /** Opens the windows that pane `pane` lies in. */
  private openWindows(pane: number): void {
    const { state } = this;
    const minuteS = pane - (pane % WINDOW_LENGTHS_S[MINUTE]);
    if (minuteS > state.windowStartS[MINUTE]!)
      for (const alert of sensorAlerts(state, minuteS, this.host)) this.alerts.add(alert);
    for (let window = 0; window < WINDOWS; window++) {
      const length = WINDOW_LENGTHS_S[window]!;
      state.windowStartS[window] = Math.floor(pane / length) * length;
    }
    rollStores(state.keyed, pane);
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
      if (row === NETWORK_ROW && window === MINUTE) this.tellDegraded(block, moment);
      if (window === WINDOWS - 1 && state.hosts.blocks[block + FIELD.probesOut]! > 0) this.observeWindow(row, moment);
      this.tell(row, window);
      const goesOn = window + 1 < WINDOWS && state.hosts.isProved(row);
      if (goesOn) foldWindow(state, row, window);
      else dropSets(state, row, window);
      state.hosts.sensorBits.passOn(row, window, goesOn);
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
    this.alerts.take().forEach((alerts, partition) => {
      const { address: upstream, run, watermarkS } = state;
      const batch = { upstream, run, sequence, watermarkS, alerts };
      this.emit({ kind: 'alert-batch', partition, batch });
    });
  }
}
