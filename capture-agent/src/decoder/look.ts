/** What of a row is still to be looked at once its headers are in the columns (column `look` of the block). */
export const Look = {
  nothing: 0,
  /** The payload at `payloadAt`. */
  payload: 1,
  /** The same, and the payload goes on in later fragments. */
  fragment: 2,
  /** A segment that opens a stream in its direction. */
  streamStart: 3,
  /** The ARP message at `payloadAt`. */
  arp: 4,
  /** The packet that an ICMP error at `payloadAt` quotes. */
  quotedPacket: 5,
  /** The router advertisement whose reachable time is at `payloadAt`. */
  routerAdvertisement: 6,
} as const;
