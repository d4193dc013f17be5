import type {
  Analysis, FlowItem, Generation, HiddenRule, IncidentItem, LiveMessage, Overview, Sensor, Snapshot, TrafficPoint,
} from '@weir/contracts/dashboard-api'; // biome-ignore format: a list to read
import { FrameQueue } from '../live/frames.js';
import { mergeFlows, mergeIncidents, mergeTraffic } from '../live/merge.js';
import { type LinkState, LiveLink } from '../live/socket.js';

/** What the server tells as it happens: the newest of everything, bounded, one change of state a frame. */
export class LiveState {
  /** How the connection is. */
  link = $state.raw<LinkState>({ kind: 'connecting' });
  /** Undefined until the first snapshot. */
  overview = $state.raw<Overview | undefined>();
  /** Newest found first. */
  incidents = $state.raw<readonly IncidentItem[]>([]);
  /** In steps of `stepS`, oldest first. */
  traffic = $state.raw<readonly TrafficPoint[]>([]);
  /** The newest in steps of a second, oldest first; empty where no sensor tells of seconds. */
  seconds = $state.raw<readonly TrafficPoint[]>([]);
  /** Length of a traffic step, seconds. */
  stepS = $state(10);
  /** Last heard first. */
  flows = $state.raw<readonly FlowItem[]>([]);
  /** Flows that the server left out of the stream since the page was opened. */
  skippedFlows = $state(0);
  sensors = $state.raw<readonly Sensor[]>([]);
  suppressions = $state.raw<readonly HiddenRule[]>([]);
  analyses = $state.raw<readonly Analysis[]>([]);
  generations = $state.raw<readonly Generation[]>([]);
  /** Counts snapshots: what a page loaded before belongs to the past. */
  snapshots = $state(0);
  /** Counts changes of incidents; for pages that show them from the server. */
  incidentChanges = $state(0);
  /** Messages left out for this client as it was slow. */
  thinned = $state(0);
  /** Called with incidents that are new, after the state has them. */
  onNewIncidents: (incidents: readonly IncidentItem[]) => void = () => {};

  readonly #queue = new FrameQueue<LiveMessage>((messages) => this.apply(messages));
  readonly #link = new LiveLink({
    open: (path) => new WebSocket(`${location.origin.replace(/^http/, 'ws')}${path}`),
    onMessage: (message) => this.#queue.push(message),
    onState: (state) => {
      this.link = state;
    },
    later(task, delayMs) {
      const timer = setTimeout(task, delayMs);
      return () => clearTimeout(timer);
    },
    nowMs: () => Date.now(),
    random: () => Math.random(),
  });

  /** Connects, or tries again at once. */
  start = (): void => this.#link.start();

  stop(): void {
    this.#link.stop();
  }

  /** Takes messages in, in their order, with one change of each part of the state. */
  apply(messages: readonly LiveMessage[]): void {
    const lastSnapshot = messages.findLastIndex(({ kind }) => kind === 'snapshot');
    if (lastSnapshot >= 0) this.#reset(messages[lastSnapshot] as Snapshot);
    const changes = messages.slice(lastSnapshot + 1);
    this.#takeIncidents(changes);
    this.#takeTraffic(changes);
    this.#takeFlows(changes);
    for (const message of changes) this.#takeOther(message);
  }

  #reset(snapshot: Snapshot): void {
    this.overview = snapshot.overview;
    this.incidents = mergeIncidents([], snapshot.incidents);
    this.traffic = mergeTraffic([], snapshot.traffic.points);
    this.seconds = mergeTraffic([], snapshot.seconds);
    this.stepS = snapshot.traffic.stepS;
    this.flows = mergeFlows([], snapshot.flows.toReversed());
    this.sensors = snapshot.sensors;
    this.suppressions = snapshot.suppressions;
    this.analyses = snapshot.analyses;
    this.snapshots++;
  }

  #takeIncidents(messages: readonly LiveMessage[]): void {
    const changed = messages.filter((message) => message.kind === 'incident');
    if (changed.length === 0) return;
    this.incidents = mergeIncidents(
      this.incidents,
      changed.map(({ incident }) => incident),
    );
    this.incidentChanges += changed.length;
    const fresh = changed.filter(({ isNew, incident }) => isNew && !incident.hiddenBy);
    if (fresh.length > 0) this.onNewIncidents(fresh.map(({ incident }) => incident));
  }

  #takeTraffic(messages: readonly LiveMessage[]): void {
    const changed = messages.filter((message) => message.kind === 'traffic');
    const pointsOf = (isFine: boolean) =>
      changed.filter(({ stepS }) => (stepS === 1) === isFine).flatMap(({ points }) => points);
    const [fine, coarse] = [pointsOf(true), pointsOf(false)];
    if (fine.length > 0) this.seconds = mergeTraffic(this.seconds, fine);
    if (coarse.length > 0) this.traffic = mergeTraffic(this.traffic, coarse);
  }

  #takeFlows(messages: readonly LiveMessage[]): void {
    const seen = messages.filter((message) => message.kind === 'flows');
    if (seen.length === 0) return;
    this.flows = mergeFlows(
      this.flows,
      seen.flatMap(({ flows }) => flows),
    );
    for (const { skipped } of seen) this.skippedFlows += skipped;
  }

  #takeOther(message: LiveMessage): void {
    switch (message.kind) {
      case 'overview':
        this.overview = message.overview;
        break;
      case 'sensors':
        this.sensors = message.sensors;
        break;
      case 'suppressions':
        this.suppressions = message.suppressions;
        break;
      case 'analysis':
        this.analyses = withOne(this.analyses, message.analysis);
        break;
      case 'generation':
        this.generations = withOne(this.generations, message.generation);
        break;
      case 'thinned':
        this.thinned += message.messages;
        break;
      default:
        break;
    }
  }
}

/** The list with one replaced by its id, or put first; at most 50. */
function withOne<T extends { readonly id: string }>(list: readonly T[], one: T): readonly T[] {
  const isKnown = list.some(({ id }) => id === one.id);
  return isKnown ? list.map((other) => (other.id === one.id ? one : other)) : [one, ...list].slice(0, 50);
}
