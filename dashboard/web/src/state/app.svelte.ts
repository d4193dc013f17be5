import { createContext } from 'svelte';
import { ApiClient } from '../api/client.js';
import { Announcer } from './announcer.svelte.js';
import { CapabilityState } from './capabilities.svelte.js';
import { ClockState } from './clock.svelte.js';
import { LiveState } from './live.svelte.js';
import { RouterState } from './router.svelte.js';
import { SessionState } from './session.svelte.js';
import { ThemeState } from './theme.svelte.js';
import { ToastState } from './toasts.svelte.js';

/** Everything that outlives a page, made once. */
export class AppState {
  readonly api = new ApiClient();
  readonly session = new SessionState(this.api);
  readonly capabilities = new CapabilityState(this.api);
  readonly live = new LiveState();
  readonly router = new RouterState();
  readonly theme = new ThemeState();
  readonly clock = new ClockState();
  readonly toasts = new ToastState();
  readonly announcer = new Announcer();
  /** The present of what is watched: of a replay, the time in its capture. */
  readonly captureNowMs = $derived(
    this.capabilities.current?.isReplay ? (this.live.overview?.atMs ?? this.clock.nowMs) : this.clock.nowMs,
  );

  constructor() {
    this.live.onNewIncidents = (incidents) => this.announcer.tell(incidents);
  }

  /** Does something that may be refused; says so when it is. True when it was done. */
  async attempt(task: () => Promise<unknown>, done?: string): Promise<boolean> {
    try {
      await task();
      if (done) this.toasts.done(done);
      return true;
    } catch (error) {
      this.toasts.failed(error);
      return false;
    }
  }
}

/** The one AppState, for every component below the root. */
export const [getApp, setApp] = createContext<AppState>();
