import { PayloadGuess } from '@weir/contracts';

const bit = (...guesses: number[]) => guesses.reduce((mask, guess) => mask | (1 << guess), 0);
const { http, tls, ssh, smtp, ftp, pop3, imap, telnet, rdp, smb, bittorrent, sip, ssdp, mqtt, mysql, stun, dns } =
  PayloadGuess;

/**
 * Guesses sure enough to contradict a port. The others match by a few bits, or by the port itself, and accuse nobody.
 */
const SURE_STREAM = bit(http, tls, ssh, smtp, ftp, pop3, imap, rdp, smb, bittorrent, sip, mqtt, mysql);
const SURE_DATAGRAM = bit(bittorrent, sip, ssdp, stun);

/**
 * What may open a stream on a well-known port, besides guesses that are not sure. TLS may take over any of the protocols
 * with a STARTTLS of their own (RFC 2595, RFC 3207, RFC 4217), and mail and FTP greet alike.
 */
const STREAM_PORTS: Readonly<Record<number, number>> = {
  21: bit(ftp, smtp, tls),
  22: bit(ssh),
  23: bit(telnet),
  25: bit(smtp, ftp, tls),
  53: bit(dns),
  80: bit(http),
  110: bit(pop3, tls),
  139: bit(smb),
  143: bit(imap, tls),
  443: bit(tls),
  445: bit(smb),
  465: bit(tls, smtp, ftp),
  587: bit(smtp, ftp, tls),
  853: bit(tls),
  993: bit(tls),
  995: bit(tls),
  1883: bit(mqtt),
  3306: bit(mysql, tls),
  3389: bit(rdp, tls),
  8883: bit(tls),
};

const DATAGRAM_PORTS: Readonly<Record<number, number>> = { 53: 0, 67: 0, 69: 0, 123: 0, 161: 0 };

const HIGHEST_PORT = 8883;

/** Guesses that contradict a port, as bits, by port; 0 where nothing is expected. */
const STREAM_CONTRADICTIONS = contradictions(STREAM_PORTS, SURE_STREAM);
const DATAGRAM_CONTRADICTIONS = contradictions(DATAGRAM_PORTS, SURE_DATAGRAM);

function contradictions(ports: Readonly<Record<number, number>>, sure: number): Uint32Array {
  return Uint32Array.from({ length: HIGHEST_PORT + 1 }, (_, port) => (port in ports ? sure & ~ports[port]! : 0));
}

/** Ports of protocols that begin with a line of text. */
const TEXT_PORTS = [21, 25, 80, 110, 143];

/** Whether a stream's first payload that looks like `guess` does not belong on `port`. */
export function contradictsStreamPort(port: number, guess: number): boolean {
  return port <= HIGHEST_PORT && (STREAM_CONTRADICTIONS[port]! & (1 << guess)) !== 0;
}

/** Whether a datagram that looks like `guess` does not belong on `port`. */
export function contradictsDatagramPort(port: number, guess: number): boolean {
  return port <= HIGHEST_PORT && (DATAGRAM_CONTRADICTIONS[port]! & (1 << guess)) !== 0;
}

/** Whether streams on `port` begin with text. */
export function isTextPort(port: number): boolean {
  return TEXT_PORTS.includes(port);
}
