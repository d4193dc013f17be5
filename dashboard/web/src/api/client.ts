import { API_BASE, type ApiError, CSRF_HEADER } from '@weir/contracts/dashboard-api';

/** A request that did not succeed. `message` says what is wrong and what to do; it is shown as it is. */
export class ApiFailure extends Error {
  override readonly name = 'ApiFailure';
  /** @param statusCode of HTTP; 0 when no answer came */
  constructor(
    readonly statusCode: number,
    message: string,
  ) {
    super(message);
  }
}

/** Values of a query; lists become repeated parameters, what is undefined or empty is left out. */
export type Query = Readonly<Record<string, string | number | readonly string[] | undefined>>;

/** Path below the API with its query: `hosts/10.0.0.1?page=2`. Parts are encoded, so an address may be anything. */
export function apiPath(parts: readonly string[], query: Query = {}): string {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value === undefined || value === '') continue;
    for (const one of Array.isArray(value) ? value : [value]) search.append(name, String(one));
  }
  const path = `${API_BASE}/${parts.map(encodeURIComponent).join('/')}`;
  return search.size > 0 ? `${path}?${search}` : path;
}

/** Speaks to the server: JSON in and out, the token of the session added, refusals thrown as ApiFailure. */
export class ApiClient {
  /** Set after login; empty for none. */
  csrfToken = '';
  /** Called when the server says that the session is over. */
  onSignedOut: () => void = () => {};
  readonly #fetch: typeof fetch;

  constructor(fetcher: typeof fetch = (input, init) => fetch(input, init)) {
    this.#fetch = fetcher;
  }

  get<T>(path: string, signal?: AbortSignal): Promise<T> {
    return this.#send<T>('GET', path, undefined, signal);
  }

  post<T>(path: string, body?: unknown): Promise<T> {
    return this.#send<T>('POST', path, body);
  }

  put<T>(path: string, body: unknown): Promise<T> {
    return this.#send<T>('PUT', path, body);
  }

  patch<T>(path: string, body: unknown): Promise<T> {
    return this.#send<T>('PATCH', path, body);
  }

  delete(path: string): Promise<void> {
    return this.#send<void>('DELETE', path);
  }

  async #send<T>(method: string, path: string, body?: unknown, signal?: AbortSignal): Promise<T> {
    const headers: Record<string, string> = { accept: 'application/json' };
    if (method !== 'GET' && this.csrfToken) headers[CSRF_HEADER] = this.csrfToken;
    if (body !== undefined) headers['content-type'] = 'application/json';
    const init: RequestInit = { method, headers, credentials: 'same-origin', signal: signal ?? null };
    if (body !== undefined) init.body = JSON.stringify(body);
    const response = await this.#answer(path, init);
    if (!response.ok) throw await this.#refusal(response, path);
    return response.status === 204 ? (undefined as T) : ((await response.json()) as T);
  }

  async #answer(path: string, init: RequestInit): Promise<Response> {
    try {
      return await this.#fetch(path, init);
    } catch (error) {
      if ((error as Error).name === 'AbortError') throw error;
      throw new ApiFailure(0, 'The server does not answer. It may be stopped or restarting; this page tries again.');
    }
  }

  async #refusal(response: Response, path: string): Promise<ApiFailure> {
    if (response.status === 401 && path !== `${API_BASE}/session`) this.onSignedOut();
    const answer = (await response.json().catch(() => ({}))) as Partial<ApiError>;
    return new ApiFailure(response.status, answer.message ?? `The server refused with status ${response.status}.`);
  }

  /**
   * Uploads a file as the only part of a form, telling how much was sent in [0, 1]. Throws ApiFailure.
   * XMLHttpRequest, as fetch tells no progress of what it sends.
   */
  upload<T>(path: string, file: File, options: { onProgress(share: number): void; signal: AbortSignal }): Promise<T> {
    const { promise, resolve, reject } = deferred<T>();
    const request = new XMLHttpRequest();
    request.open('POST', path);
    if (this.csrfToken) request.setRequestHeader(CSRF_HEADER, this.csrfToken);
    request.upload.onprogress = (event) => options.onProgress(event.total > 0 ? event.loaded / event.total : 0);
    request.onload = () => settle(request, resolve, reject);
    request.onerror = () =>
      reject(new ApiFailure(0, 'The upload broke off: the server closed the connection. Is the file too large?'));
    request.onabort = () => reject(new ApiFailure(0, 'The upload was cancelled.'));
    options.signal.addEventListener('abort', () => request.abort());
    const form = new FormData();
    form.append('file', file, file.name);
    request.send(form);
    return promise;
  }
}

/** `Promise.withResolvers`, which browsers of two years ago lack. */
function deferred<T>(): { promise: Promise<T>; resolve(value: T): void; reject(error: Error): void } {
  let resolve!: (value: T) => void;
  let reject!: (error: Error) => void;
  const promise = new Promise<T>((yes, no) => {
    resolve = yes;
    reject = no;
  });
  return { promise, resolve, reject };
}

function settle<T>(request: XMLHttpRequest, resolve: (value: T) => void, reject: (error: Error) => void): void {
  let answer: unknown;
  try {
    answer = JSON.parse(request.responseText);
  } catch {
    answer = {};
  }
  if (request.status >= 200 && request.status < 300) {
    resolve(answer as T);
    return;
  }
  const message = (answer as Partial<ApiError>).message ?? `The server refused with status ${request.status}.`;
  reject(new ApiFailure(request.status, message));
}
