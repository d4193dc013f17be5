import type { Role, Session } from '@weir/contracts/dashboard-api';
import { ROLES } from '@weir/contracts/dashboard-api';
import { type ApiClient, type ApiFailure, apiPath } from '../api/client.js';
import { asFailure } from './resource.svelte.js';

type User = Extract<Session, { kind: 'user' }>;

/** Who uses the page, and what they may do. */
export class SessionState {
  /** Undefined until the server was asked. */
  current = $state.raw<Session | undefined>();
  /** Why the server could not be asked. */
  failure = $state.raw<ApiFailure | undefined>();
  /** True after a session that there was has ended: the login page says so. */
  hasEnded = $state(false);
  readonly user = $derived<User | undefined>(this.current?.kind === 'user' ? this.current : undefined);
  readonly #api: ApiClient;

  constructor(api: ApiClient) {
    this.#api = api;
    api.onSignedOut = () => void this.refresh();
  }

  /** Asks the server who this is. */
  async refresh(): Promise<void> {
    try {
      this.#set(await this.#api.get<Session>(apiPath(['session'])));
    } catch (error) {
      this.failure = asFailure(error);
    }
  }

  /** Logs in. Throws ApiFailure with what to tell the user. */
  async logIn(name: string, password: string): Promise<void> {
    this.#set(await this.#api.post<Session>(apiPath(['session']), { name, password }));
  }

  async logOut(): Promise<void> {
    await this.#api.delete(apiPath(['session']));
    await this.refresh();
    this.hasEnded = false;
  }

  /** Changes one's own password. Throws ApiFailure. */
  async changePassword(current: string, next: string): Promise<void> {
    await this.#api.put(apiPath(['account', 'password']), { current, next });
    await this.refresh();
  }

  /** Undefined when the user may do what needs `role`; otherwise why not. */
  refusal(role: Role): string | undefined {
    const have = this.user ? ROLES.indexOf(this.user.role) : -1;
    if (have >= ROLES.indexOf(role)) return undefined;
    return `This needs the role ${role}; yours is ${this.user?.role ?? 'none'}. An admin can change it.`;
  }

  #set(session: Session): void {
    if (session.kind === 'anonymous' && this.user) this.hasEnded = true;
    if (session.kind === 'user') this.hasEnded = false;
    this.#api.csrfToken = session.kind === 'user' ? session.csrfToken : '';
    this.failure = undefined;
    this.current = session;
  }
}
