import type { Capabilities, CapabilityName } from '@weir/contracts/dashboard-api';
import { type ApiClient, apiPath } from '../api/client.js';

/** What works in the mode that Weir runs in, and why the rest does not. */
export class CapabilityState {
  /** Undefined until the server was asked. */
  current = $state.raw<Capabilities | undefined>();
  readonly #api: ApiClient;

  constructor(api: ApiClient) {
    this.#api = api;
  }

  async refresh(): Promise<void> {
    this.current = await this.#api.get<Capabilities>(apiPath(['capabilities'])).catch(() => this.current);
  }

  /** Undefined when it works; otherwise why it does not. What the server does not name does not work. */
  refusal(name: CapabilityName): string | undefined {
    if (!this.current) return 'The server has not said yet whether it can.';
    const found = this.current.capabilities.find((capability) => capability.name === name);
    if (found?.available) return undefined;
    return found?.reason ?? 'This server cannot do it.';
  }
}
