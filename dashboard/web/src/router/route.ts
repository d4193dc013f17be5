/** The place in the dashboard that an address names: `#/incidents/3f2a?severity=high` is page `incidents`, argument `3f2a`. */
export interface Route {
  /** First part of the path; `now` for none. */
  readonly page: string;
  /** Second part, decoded; undefined for none. */
  readonly argument: string | undefined;
  /** Filters and choices of the page. */
  readonly query: URLSearchParams;
}

/** Reads the fragment of an address. Never throws: what cannot be decoded is taken as written. */
export function parseRoute(hash: string): Route {
  const [path = '', search = ''] = splitOnce(hash.replace(/^#\/?/, ''), '?');
  const [page, ...rest] = path.split('/');
  return { page: page || 'now', argument: decoded(rest.join('/')) || undefined, query: new URLSearchParams(search) };
}

/** The fragment of an address, such as for a link. Empty values are left out, so that the address says only what was chosen. */
export function href(
  page: string,
  argument?: string,
  query: Readonly<Record<string, string | undefined>> = {},
): string {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) if (value) search.set(name, value);
  const tail = search.size > 0 ? `?${search}` : '';
  return `#/${page}${argument === undefined ? '' : `/${encodeURIComponent(argument)}`}${tail}`;
}

/** The same place with some filters changed; an empty or undefined value takes a filter away. */
export function hrefWith(route: Route, changes: Readonly<Record<string, string | undefined>>): string {
  return href(route.page, route.argument, { ...Object.fromEntries(route.query), ...changes });
}

function splitOnce(text: string, mark: string): string[] {
  const at = text.indexOf(mark);
  return at < 0 ? [text] : [text.slice(0, at), text.slice(at + 1)];
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
