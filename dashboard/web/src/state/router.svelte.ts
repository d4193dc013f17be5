import { hrefWith, parseRoute, type Route } from '../router/route.js';

/** Where the viewer is. */
export class RouterState {
  current = $state.raw<Route>(parseRoute(location.hash));

  /** Follows the address. Gives what ends that. */
  follow(): () => void {
    const take = () => {
      this.current = parseRoute(location.hash);
    };
    take();
    addEventListener('hashchange', take);
    return () => removeEventListener('hashchange', take);
  }

  /** Goes to an address such as `href` gives. */
  go(target: string): void {
    location.hash = target;
  }

  /** Changes filters in the address without a step in the history, so that Back leaves the page. */
  refine(changes: Readonly<Record<string, string | undefined>>): void {
    const target = hrefWith(this.current, changes);
    history.replaceState(null, '', target);
    this.current = parseRoute(target);
  }

  /**
   * Reads what a page is about. When the address has moved on to another page it stays what it was, for the moment until
   * the page is gone: the rest of that address is not about this page.
   */
  argumentOf(page: string): () => string | undefined {
    let last: string | undefined;
    return () => {
      if (this.current.page === page) last = this.current.argument;
      return last;
    };
  }

  /** A filter of the page; empty when it is not set. */
  get(name: string): string {
    return this.current.query.get(name) ?? '';
  }

  /** A filter that is a list, written with commas. */
  list(name: string): string[] {
    return this.get(name).split(',').filter(Boolean);
  }
}
