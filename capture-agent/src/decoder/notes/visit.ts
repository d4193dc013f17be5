/** Which note the compiled core leaves to this side, for a row at which its last pass stops. */
export const Visit = {
  none: 0,
  /** The HTTP/1 head that the payload begins with. */
  http: 1,
  /** A TLS client hello, or its beginning. */
  clientHello: 2,
  /** A further segment of a client hello. */
  moreHello: 3,
  /** The Initial that a QUIC flow begins with. */
  quic: 4,
  /** A further Initial of its client. */
  moreQuic: 5,
  smb: 6,
  /** An SSH key exchange. */
  keyExchange: 7,
  /** A DHCP message of IPv6, or one on the port of NetBIOS names. */
  datagram: 8,
  /** The router advertisement whose reachable time is at the payload's place. */
  routerAdvertisement: 9,
  /** A stream that may begin as those of miners, of IRC, of shells and of programs for remote control do. */
  lineCommand: 10,
} as const;
