import { LIVE_CLOSE, LIVE_PATH, type LiveMessage } from '@weir/contracts/dashboard-api';

/** What is used of a WebSocket, so that tests can play one. */
export interface SocketLike {
  onmessage: ((event: MessageEvent<unknown>) => unknown) | null;
  onclose: ((event: CloseEvent) => unknown) | null;
  close(): void;
}

/** How the connection is. `waiting`: broken, tries again at `retryAtMs`. `refused`: the session ended. */
export type LinkState =
  | { readonly kind: 'connecting' }
  | { readonly kind: 'open' }
  | { readonly kind: 'waiting'; readonly retryAtMs: number; readonly attempts: number }
  | { readonly kind: 'refused' };

/** What the connection needs of the world. */
export interface LinkWorld {
  open(path: string): SocketLike;
  onMessage(message: LiveMessage): void;
  onState(state: LinkState): void;
  /** Runs `task` after so many ms; gives what takes it back. */
  later(task: () => void, delayMs: number): () => void;
  nowMs(): number;
  /** In [0, 1). */
  random(): number;
}

const FIRST_DELAY_MS = 500;
const LONGEST_DELAY_MS = 15_000;
/** A connection that hears nothing for so long is taken for dead: the server tells its overview every second or so. */
const SILENCE_MS = 45_000;

/**
 * A connection that stays: after a break it comes back with growing delays and goes on from the last message it was
 * given, so that nothing is missed. A server that cannot go on from there sends a snapshot instead.
 */
export class LiveLink {
  readonly #world: LinkWorld;
  #socket: SocketLike | undefined;
  #cancel: () => void = () => {};
  #attempts = 0;
  #run = '';
  #sequence = -1;
  #isStopped = true;

  constructor(world: LinkWorld) {
    this.#world = world;
  }

  /** Begins to connect, or tries at once when it was waiting. */
  start(): void {
    this.#isStopped = false;
    this.#drop();
    this.#connect();
  }

  /** Closes, for good until started again. */
  stop(): void {
    this.#isStopped = true;
    this.#drop();
  }

  #connect(): void {
    const { open, onState } = this.#world;
    onState({ kind: 'connecting' });
    const socket = open(this.#path());
    this.#socket = socket;
    socket.onmessage = ({ data }) => this.#take(data);
    socket.onclose = ({ code }) => this.#broke(code);
    this.#watch();
  }

  #path(): string {
    if (this.#sequence < 0) return LIVE_PATH;
    return `${LIVE_PATH}?${new URLSearchParams({ run: this.#run, since: String(this.#sequence) })}`;
  }

  #take(data: unknown): void {
    const message = readMessage(data);
    if (!message) return;
    this.#watch();
    if (message.kind === 'welcome') this.#welcome(message);
    else this.#sequence = Math.max(this.#sequence, message.sequence);
    this.#world.onMessage(message);
  }

  #welcome(message: Extract<LiveMessage, { kind: 'welcome' }>): void {
    this.#attempts = 0;
    this.#world.onState({ kind: 'open' });
    if (message.resumed) return;
    // What follows is a snapshot; until it is there, there is nothing to go on from.
    this.#run = message.run;
    this.#sequence = -1;
  }

  /** Silence is a break that the network did not tell of. */
  #watch(): void {
    this.#cancel();
    this.#cancel = this.#world.later(() => this.#broke(0), SILENCE_MS);
  }

  #broke(code: number): void {
    this.#drop();
    if (this.#isStopped) return;
    if (code === LIVE_CLOSE.signedOut) {
      this.#world.onState({ kind: 'refused' });
      return;
    }
    const delayMs = this.#delayMs();
    this.#attempts++;
    this.#world.onState({ kind: 'waiting', retryAtMs: this.#world.nowMs() + delayMs, attempts: this.#attempts });
    this.#cancel = this.#world.later(() => this.#connect(), delayMs);
  }

  /** Doubles with each attempt; spread, so that the clients of a restarted server do not all come at once. */
  #delayMs(): number {
    const full = Math.min(LONGEST_DELAY_MS, FIRST_DELAY_MS * 2 ** this.#attempts);
    return Math.round(full * (0.5 + this.#world.random() / 2));
  }

  #drop(): void {
    this.#cancel();
    this.#cancel = () => {};
    const socket = this.#socket;
    this.#socket = undefined;
    if (!socket) return;
    socket.onmessage = null;
    socket.onclose = null;
    socket.close();
  }
}

function readMessage(data: unknown): LiveMessage | undefined {
  if (typeof data !== 'string') return undefined;
  try {
    const message = JSON.parse(data) as LiveMessage;
    return typeof message?.kind === 'string' ? message : undefined;
  } catch {
    return undefined;
  }
}
