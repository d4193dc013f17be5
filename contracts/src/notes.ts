/**
 * What only the payload shows, as at most one note a packet. Kinds and codes are wire format: append, never renumber.
 */

/**
 * | kind | noteCode | noteValue | noteText |
 * |---|---|---|---|
 * | `dnsQuery`, `dnsResponse` | query type (RFC 1035 3.2.2) | bits 0–7: response code, bits 8–15: answer count (255 = more), bits 16–31: DNS message length in bytes | queried name, lower case, no final dot, bytes outside printable ASCII as `\ddd`; of a longer one its end |
 * | `arpRequest`, `arpReply` | 0 | 1 when gratuitous (sender = target address) | sender's MAC as `00:11:22:33:44:55` |
 * | `httpRequest` | bits 0–11: HttpSign; bits 12–15: RequestShape | payload bytes | method, a space, path without query, cut at 128 bytes; when captured, a space and the `Host`, at most 64 bytes; and, only when its shape is that of an attack or it names a program, a space and the query from `?` on, decoded, as far as there is room |
 * | `httpResponse` | status code | payload bytes | when it brings a program, `exe`, `elf` or `script`, a space and the content type, at most 40 bytes, or `base64` where a program of Windows is written so; otherwise empty |
 * | `serverBanner` | 0 | payload bytes | first line of an SSH, FTP or SMTP server or client, cut at 128 bytes |
 * | `icmpError` | protocol of the quoted packet | its source port × 65536 + its destination port; 0 when it has none | 32 raw bytes: its source and destination address, 16 bytes each in network order (IPv4 as ::ffff:a.b.c.d) |
 * | `tlsClientHello` | newest TLS version offered: 0x0304 is 1.3, 0x0303 1.2, 0x0300 SSL 3 | length of the message in bytes | JA4 (`-` when not all of the message was captured), a space, the server's name in lower case, empty without |
 * | `tlsServerHello` | TLS version chosen | cipher suite chosen (IANA registry) | empty |
 * | `quicInitial` | as `tlsClientHello` | QUIC version | as `tlsClientHello`; empty when the hello was not in the captured bytes |
 * | `sshKexInit` | 0 | payload bytes | HASSH of what a client or server offers (MD5 in hexadecimal), `-` when not all was captured |
 * | `serverReply` | reply code of FTP or SMTP (RFC 959, RFC 5321); POP3 and IMAP: 1 `+OK` or `OK`, 2 `-ERR` or `NO`, 3 `BAD` | payload bytes | first line behind the code, cut at 64 bytes |
 * | `smb` | bits 0–7: command; bit 8: SMB 1; bit 15: response | response: NT status; request: 0 | path of a tree connect, name of a file or pipe opened at a share's root, dialect of a negotiate response as `0x0311` |
 * | `dhcp` | bits 0–7: message type (RFC 2132 9.6, RFC 8415 7.3); bit 8: DHCPv6; bit 15: sent by a server | IPv4 server identifier, 0 none | client's MAC as `00:11:22:33:44:55` (DHCPv6: `-`), first router, first DNS server (`-` none) and host name, with a space between each |
 * | `routerAdvertisement` | router lifetime in s | number of prefixes | MAC of the router, or `-`, and each prefix as `2001:db8::/64`, with a space between each |
 * | `nameAnswer` | UDP port: 137 NBNS, 5353 multicast DNS, 5355 LLMNR | IPv4 address that the name is said to have; 0 for IPv6 | name, as `dnsResponse` |
 * | `amplifierMessage` | AmplifierMessage; bit 15: response | payload bytes | of a question by SNMP four hexadecimal digits that stand for its community; otherwise empty |
 * | `lineCommand` | LineProtocol | payload bytes | mining: method; IRC: nickname; shell: how it begins; remote control: name of the program; cut at 48 bytes |
 * | `rpcRefusal` | RpcRefusal | status of the fault, reason of the refused bind, or status of the response | empty |
 * | `rpcCall` | RpcInterface | number of the operation that a client calls | empty |
 * | `loginResult` | LoginProtocol | result in numbers of the protocol: LDAP (RFC 4511 4.1.9), Kerberos (RFC 4120 7.5.9; 0: a ticket), SIP (RFC 3261 21) | empty |
 * | `echoData` | 1: a reply that does not repeat its request, 2: a request that holds other data than the one before | payload bytes | empty |
 */
export const NoteKind = {
  none: 0,
  dnsQuery: 1,
  dnsResponse: 2,
  arpRequest: 3,
  arpReply: 4,
  httpRequest: 5,
  httpResponse: 6,
  serverBanner: 7,
  icmpError: 8,
  tlsClientHello: 9,
  tlsServerHello: 10,
  quicInitial: 11,
  sshKexInit: 12,
  serverReply: 13,
  smb: 14,
  dhcp: 15,
  routerAdvertisement: 16,
  nameAnswer: 17,
  amplifierMessage: 18,
  lineCommand: 19,
  rpcRefusal: 20,
  rpcCall: 21,
  loginResult: 22,
  echoData: 23,
} as const;

/** What a TCP stream begins with, on any port, that miners, bots and those who rule machines from afar speak. */
export const LineProtocol = {
  /** Stratum and its kin: JSON-RPC with the methods of mining pools. */
  mining: 1,
  /** RFC 2812. */
  irc: 2,
  /** The greeting, prompt or first answer of a command shell. */
  shell: 3,
  /** The first message of a program for remote control that is known for its abuse. */
  remoteControl: 4,
  /** A Windows program behind its length, as stages of attack tools are sent. */
  program: 5,
} as const;

/** Interfaces of DCE/RPC by which Windows machines are ruled and read from afar. Operations are numbered as in their documents. */
export const RpcInterface = {
  /** svcctl (MS-SCMR). */
  services: 1,
  /** ITaskSchedulerService (MS-TSCH). */
  tasks: 2,
  /** atsvc (MS-TSCH), of older systems. */
  jobs: 3,
  /** winreg (MS-RRP). */
  registry: 4,
  /** samr (MS-SAMR). */
  accounts: 5,
  /** srvsvc (MS-SRVS). */
  server: 6,
  /** wkssvc (MS-WKST). */
  workstation: 7,
} as const;

/** Protocols whose servers say in numbers what became of a login. */
export const LoginProtocol = {
  /** The response to a bind (RFC 4511 4.2.2). */
  ldap: 1,
  /** A ticket, or the error that refuses it (RFC 4120 5.4.2, 5.9.1). */
  kerberos: 2,
  /** The final response to REGISTER (RFC 3261 10). */
  sip: 3,
} as const;

/** How a server of DCE/RPC (C706, MS-RPCE) refuses. */
export const RpcRefusal = {
  /** The call is not carried out. */
  fault: 1,
  /** The interface is not to be had. */
  bind: 2,
  /** The call was carried out, and its result is that it is not permitted. */
  status: 3,
} as const;

/** In the `noteCode` of `smb`, `dhcp` and `amplifierMessage`: the server speaks. */
export const NOTE_CODE_RESPONSE = 0x8000;

/** Messages of services that answer small datagrams with large ones, and so flood whom a forged source address names. */
export const AmplifierMessage = {
  /** RFC 864. */
  chargen: 1,
  /** RFC 865. */
  quoteOfTheDay: 2,
  /** RFC 5905, modes 1 to 5. */
  ntpTime: 3,
  /** RFC 9327, mode 6. */
  ntpControl: 4,
  /** Mode 7 of ntpd, requests 20 and 42: the list of clients that were seen last. */
  ntpMonlist: 5,
  /** Mode 7 of ntpd, all other requests. */
  ntpPrivate: 6,
  /** RFC 1833. */
  portMapper: 7,
  snmp: 8,
  /** RFC 3416 4.2.3. */
  snmpGetBulk: 9,
  /** LDAP over UDP (MS-ADTS 6.3.3). */
  cldap: 10,
  ssdp: 11,
  memcached: 12,
  wsDiscovery: 13,
  /** RFC 7252. */
  coap: 14,
  /** Apple Remote Desktop. */
  remoteManagement: 15,
  /** RFC 7296. */
  isakmp: 16,
  /** RFC 1350. */
  tftp: 17,
} as const;

/** What the fields of an HTTP request tell, as bits of the `noteCode` of `httpRequest`. */
export const HttpSign = {
  authorization: 1,
  referer: 2,
  userAgent: 4,
  acceptLanguage: 8,
  accept: 16,
  cookie: 32,
  /** The whole head was captured in this segment: what is not among its fields was not sent. */
  whole: 64,
  /** `User-Agent` begins as those of browsers do: `Mozilla/`, `Opera/`. */
  saysBrowser: 128,
  /** A browser of the time before 2012: Internet Explorer up to 8, Opera up to 9, Mozilla up to 3, Netscape 4. */
  saysOldBrowser: 256,
  /** `User-Agent` is one word without a version, as no library writes it. */
  nakedAgent: 512,
  /** Names a scanner or a cracking tool in its `User-Agent`. */
  attackTool: 1024,
  /** A query stands behind the path. */
  query: 2048,
} as const;

/** Bits by which a RequestShape is moved up in the `noteCode` of `httpRequest`. */
export const REQUEST_SHAPE_SHIFT = 12;

/** What an HTTP request carries that only an attack, or a test of one, needs. */
export const RequestShape = {
  none: 0,
  /** SQL in a parameter. */
  sql: 1,
  /** A path that climbs out of its folder, or to files of the system. */
  traversal: 2,
  /** Commands of a shell. */
  command: 3,
  /** A script for the browser of others. */
  script: 4,
  /** An expression that a template, a logger or an interpreter would evaluate. */
  expression: 5,
} as const;

/** What the first bytes of a payload look like. `unknown` was looked at and matched nothing. */
export const PayloadGuess = {
  notExamined: 0,
  unknown: 1,
  text: 2,
  http: 3,
  tls: 4,
  ssh: 5,
  dns: 6,
  smtp: 7,
  ftp: 8,
  pop3: 9,
  imap: 10,
  telnet: 11,
  rdp: 12,
  smb: 13,
  ntp: 14,
  quic: 15,
  bittorrent: 16,
  sip: 17,
  ssdp: 18,
  mqtt: 19,
  mysql: 20,
  snmp: 21,
  dhcp: 22,
  stun: 23,
  rtp: 24,
  netbios: 25,
  dceRpc: 26,
} as const;

/**
 * Breaches of protocol found in a packet, as bits of the `conformance` column, counted per sensor.
 * `layer` is the OSI layer.
 */
export const CONFORMANCE_BREACHES = [
  { name: 'linkTruncated', layer: 2, meaning: 'Frame ends inside its link header or tags.' },
  { name: 'linkSourceMulticast', layer: 2, meaning: 'Ethernet source address has the group bit (IEEE 802.3).' },
  { name: 'arpMalformed', layer: 2, meaning: 'ARP lengths or opcode are not those of Ethernet and IPv4 (RFC 826).' },
  { name: 'ipVersionWrong', layer: 3, meaning: 'Version field disagrees with the EtherType.' },
  { name: 'ipHeaderLengthWrong', layer: 3, meaning: 'IPv4 IHL below 5 or past the packet; IPv6 header cut.' },
  {
    name: 'ipLengthWrong',
    layer: 3,
    meaning: 'Total or payload length below the header or past the frame on the wire.',
  },
  { name: 'ipChecksumWrong', layer: 3, meaning: 'IPv4 header checksum is wrong and not zero (zero: offloaded).' },
  {
    name: 'ipOptionsMalformed',
    layer: 3,
    meaning: 'IPv4 option or IPv6 extension header lengths run past the header.',
  },
  { name: 'ipSourceIsDestination', layer: 3, meaning: 'Source and destination address are equal (LAND).' },
  {
    name: 'ipSourceMartian',
    layer: 3,
    meaning: 'Source is loopback, multicast, broadcast or reserved (RFC 1812 5.3.7).',
  },
  {
    name: 'fragmentOverlapping',
    layer: 3,
    meaning: 'Fragment overlaps one seen before with another length or offset.',
  },
  {
    name: 'fragmentTiny',
    layer: 3,
    meaning: 'First fragment too small for the transport header, or one not a multiple of 8 (RFC 1858).',
  },
  { name: 'transportTruncated', layer: 4, meaning: 'IP payload on the wire is shorter than the transport header.' },
  { name: 'transportLengthWrong', layer: 4, meaning: 'TCP data offset or UDP length disagrees with the IP length.' },
  {
    name: 'tcpFlagsIllegal',
    layer: 4,
    meaning: 'SYN with FIN or RST, no flag at all, FIN without ACK, or all of FIN, PSH, URG without ACK.',
  },
  { name: 'portZero', layer: 4, meaning: 'TCP or UDP port 0.' },
  { name: 'icmpMalformed', layer: 4, meaning: 'ICMP message shorter than its type demands.' },
  {
    name: 'tunnelMalformed',
    layer: 4,
    meaning: 'Tunnel header with lying lengths, or nested deeper than Weir follows.',
  },
  { name: 'sessionUnexpectedProtocol', layer: 5, meaning: 'A well-known port carries another protocol.' },
  {
    name: 'presentationMalformedText',
    layer: 6,
    meaning: 'A text protocol port carries bytes that are no text and no known protocol.',
  },
  {
    name: 'dnsMalformed',
    layer: 7,
    meaning: 'DNS message with lying counts, looping or overlong names, or impossible flags (RFC 1035).',
  },
  {
    name: 'timeLate',
    layer: 1,
    meaning: 'Captured out of order by more than the allowed lateness; its time was raised.',
  },
] as const;

type BreachName = (typeof CONFORMANCE_BREACHES)[number]['name'];

/** Bit of each breach in the `conformance` column. */
export const ConformanceBreach = Object.fromEntries(
  CONFORMANCE_BREACHES.map(({ name }, i) => [name, 2 ** i]),
) as Record<BreachName, number>;
