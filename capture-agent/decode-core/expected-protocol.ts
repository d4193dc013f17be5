// Protocols that do not belong on the port that they were found on.

import * as G from './generated';
import { otherPort, port, size } from './payload';

// Guesses sure enough to contradict a port, as bits. The others match by a few bits, or by the port itself, and accuse
// nobody.
const SURE_STREAM: i32 =
  (1 << G.PayloadGuess_http) |
  (1 << G.PayloadGuess_tls) |
  (1 << G.PayloadGuess_ssh) |
  (1 << G.PayloadGuess_smtp) |
  (1 << G.PayloadGuess_ftp) |
  (1 << G.PayloadGuess_pop3) |
  (1 << G.PayloadGuess_imap) |
  (1 << G.PayloadGuess_rdp) |
  (1 << G.PayloadGuess_smb) |
  (1 << G.PayloadGuess_bittorrent) |
  (1 << G.PayloadGuess_sip) |
  (1 << G.PayloadGuess_mqtt) |
  (1 << G.PayloadGuess_mysql);
const SURE_DATAGRAM: i32 =
  (1 << G.PayloadGuess_bittorrent) |
  (1 << G.PayloadGuess_sip) |
  (1 << G.PayloadGuess_ssdp) |
  (1 << G.PayloadGuess_stun);

const TLS: i32 = 1 << G.PayloadGuess_tls;
const MAIL: i32 = (1 << G.PayloadGuess_smtp) | (1 << G.PayloadGuess_ftp);
const ANYTHING: i32 = -1;

// Fewest bytes from which a text port may be accused: keep-alive bytes and cut greetings are shorter.
const MIN_ACCUSED_BYTES: i32 = 8;

/**
 * What may open a stream on a well-known port, as bits, besides guesses that are not sure. TLS may take over any of the
 * protocols with a STARTTLS of their own (RFC 2595, RFC 3207, RFC 4217), and mail and FTP greet alike.
 */
function expectedOfStream(): i32 {
  switch (port) {
    case 21:
    case 25:
    case 465:
    case 587:
      return MAIL | TLS;
    case 22:
      return 1 << G.PayloadGuess_ssh;
    case 23:
      return 1 << G.PayloadGuess_telnet;
    case 53:
      return 1 << G.PayloadGuess_dns;
    case 80:
      return 1 << G.PayloadGuess_http;
    case 110:
      return (1 << G.PayloadGuess_pop3) | TLS;
    case 139:
    case 445:
      return 1 << G.PayloadGuess_smb;
    case 143:
      return (1 << G.PayloadGuess_imap) | TLS;
    case 443:
    case 853:
    case 993:
    case 995:
    case 8883:
      return TLS;
    case 1883:
      return 1 << G.PayloadGuess_mqtt;
    case 3306:
      return (1 << G.PayloadGuess_mysql) | TLS;
    case 3389:
      return (1 << G.PayloadGuess_rdp) | TLS;
    default:
      return ANYTHING;
  }
}

/** Whether streams on the port begin with a line of text. */
function isTextPort(): bool {
  return port == 21 || port == 25 || port == 80 || port == 110 || port == 143;
}

/** Breaches of the very first bytes of a stream that look like `guess`. */
export function streamBreaches(guess: i32): i32 {
  // Two well-known ports: which of them serves is not known.
  if (otherPort < 1024) return 0;
  let breaches = 0;
  if (SURE_STREAM & ~expectedOfStream() & (1 << guess)) breaches |= G.Breach_sessionUnexpectedProtocol;
  if (guess == G.PayloadGuess_unknown && size() >= MIN_ACCUSED_BYTES && isTextPort())
    breaches |= G.Breach_presentationMalformedText;
  return breaches;
}

/** Breaches of a first datagram that looks like `guess`. */
export function datagramBreaches(guess: i32): i32 {
  const hasOwn = port == 53 || port == 67 || port == 69 || port == 123 || port == 161;
  return hasOwn && SURE_DATAGRAM & (1 << guess) ? G.Breach_sessionUnexpectedProtocol : 0;
}
