import type { PacketSource, RawPackets } from '@weir/capture-agent';

/**
 * A source that may be opened before it is read, so that what cannot be read is refused before anything is printed or
 * written. Everything else is that of the source inside.
 */
export class OpenedSource implements PacketSource {
  private opening: Promise<void> | undefined;
  private closing: Promise<void> | undefined;

  /** `whenOpen`: waits for the opening, in place of just that. */
  constructor(
    private readonly inner: PacketSource,
    private readonly whenOpen = (opening: Promise<void>): Promise<unknown> => opening,
  ) {}

  get name(): string {
    return this.inner.name;
  }

  get kind(): PacketSource['kind'] {
    return this.inner.kind;
  }

  /** Opens the source, once however often it is called. */
  open(): Promise<void> {
    this.opening ??= this.whenOpen(this.inner.open()).then(() => undefined);
    return this.opening;
  }

  read(block: RawPackets): Promise<boolean> {
    return this.inner.read(block);
  }

  counters(): ReturnType<PacketSource['counters']> {
    return this.inner.counters();
  }

  progress(): ReturnType<PacketSource['progress']> {
    return this.inner.progress();
  }

  /** Closes the source, once however often it is called. */
  close(): Promise<void> {
    this.closing ??= this.inner.close();
    return this.closing;
  }
}
