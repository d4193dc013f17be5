import type { DecodeCore } from '../core.js';
import type { Frame } from '../frame.js';
import { Look } from '../look.js';
import { word } from '../payload-view.js';
import { Follow, type FollowedFlows } from './followed-flows.js';
import { NAME_PORT } from './name-answer.js';
import { isSmbStart } from './smb.js';
import { isKexInitStart } from './ssh.js';
import { isHandshakeStart } from './tls.js';

/** First four bytes of HTTP heads. */
const HEADS = new Set(
  ['HTTP', 'GET ', 'POST', 'HEAD', 'PUT ', 'DELE', 'OPTI', 'CONN', 'TRAC', 'PATC', 'PROP'].map((text) => word(text)),
);

/** Finds the rows behind first payloads that have something to tell. It looks at every row, so it decides by a few bytes. */
export class LaterPayloads {
  constructor(
    private readonly core: DecodeCore,
    private readonly frame: Frame,
    private readonly flows: FollowedFlows,
  ) {}

  /** First row of `[from, to)` at which to look; `to` when there is none. */
  nextRow(from: number, to: number): number {
    const { look, payloadAt } = this.core.block;
    const { flowHash, sourcePort } = this.frame;
    for (let row = from; row < to; row++) {
      const kind = look[row];
      if (kind === Look.nothing) continue;
      const follow = this.flows.followOf(flowHash[row]!);
      const port = sourcePort[row];
      const isNamed = port === NAME_PORT.linkLocal || port === NAME_PORT.multicastDns;
      if (follow === Follow.nothing && !isNamed && kind !== Look.routerAdvertisement) continue;
      if (payloadAt[row] === 0) continue;
      if (isNamed || kind === Look.routerAdvertisement || this.mayTell(row, follow)) return row;
    }
    return to;
  }

  /** Whether the packet of a followed flow begins with what its protocol's notes begin with. */
  private mayTell(row: number, follow: number): boolean {
    const { bytes, view } = this.frame;
    const { payloadAt, payloadEnd, direction } = this.core.block;
    const at = payloadAt[row]!;
    const end = payloadEnd[row]!;
    const isDirection = direction[row] === this.flows.directionOf(this.frame.flowHash[row]!);
    if (follow === Follow.hello) return isDirection;
    if (at + 4 > end) return false;
    const first = view.getInt32(at);
    switch (follow) {
      case Follow.quic:
        return isDirection && (bytes[at]! & 0xe0) === 0xc0;
      case Follow.http:
        return HEADS.has(first) || isHandshakeStart(first);
      case Follow.replies:
        return isDirection || isHandshakeStart(first);
      case Follow.smb:
        return isSmbStart(view, at, end);
      case Follow.ssh:
        return isKexInitStart(bytes, at, end);
      case Follow.startTls:
        return isHandshakeStart(first);
      default:
        return true;
    }
  }
}
