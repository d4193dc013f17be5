/** One guess each against mail, databases and protected pages: what the service says when the password is wrong. */
import { dialogue } from '../background/mail.js';
import type { Random } from '../random.js';
import type { Play } from '../simulation.js';
import { ascii, concat, uint32 } from '../wire/bytes.js';
import { ciphertext } from '../wire/payloads.js';
import type { TcpConversation } from '../wire/tcp-conversation.js';

const LETTERS = 'abcdefghijklmnopqrstuvwxyz0123456789';

function password(random: Random): string {
  return random.word(random.between(6, 10), LETTERS);
}

function* imap(connection: TcpConversation, random: Random): Play {
  const login = `a1 LOGIN admin ${password(random)}`;
  yield* dialogue(connection, 'server', [
    '* OK IMAP4rev1 ready',
    login,
    'a1 NO [AUTHENTICATIONFAILED] Invalid credentials',
  ]);
  yield* connection.close('client');
}

function* pop3(connection: TcpConversation, random: Random): Play {
  const lines = [
    '+OK POP3 ready',
    'USER admin',
    '+OK',
    `PASS ${password(random)}`,
    '-ERR [AUTH] Authentication failed.',
  ];
  yield* dialogue(connection, 'server', lines);
  yield* connection.close('client');
}

/** Length and sequence number before each message (MySQL client/server protocol, version 10). */
function mysqlMessage(sequence: number, body: Uint8Array): Uint8Array {
  return concat([Uint8Array.of(body.length, body.length >>> 8, body.length >>> 16, sequence), body]);
}

function* mysql(connection: TcpConversation, random: Random): Play {
  const greeting = concat([Uint8Array.of(10), ascii('8.0.36\0'), random.bytes(12), new Uint8Array(39)]);
  yield* connection.send('server', mysqlMessage(0, greeting));
  yield* connection.send('client', mysqlMessage(1, concat([new Uint8Array(32), ascii('root\0'), random.bytes(21)])));
  const refusal = concat([
    Uint8Array.of(0xff, 0x15, 0x04),
    ascii("#28000Access denied for user 'root'@'%' (using password: YES)"),
  ]);
  yield* connection.send('server', mysqlMessage(2, refusal));
  yield* connection.close('server');
}

/** Type and length before each message (PostgreSQL, protocol 3.0). */
function postgresMessage(type: string, body: Uint8Array): Uint8Array {
  return concat([ascii(type), uint32(body.length + 4), body]);
}

function* postgresql(connection: TcpConversation, random: Random): Play {
  const start = concat([uint32(0x0003_0000), ascii('user\0postgres\0database\0postgres\0\0')]);
  yield* connection.send('client', concat([uint32(start.length + 4), start]));
  yield* connection.send('server', postgresMessage('R', concat([uint32(5), random.bytes(4)])));
  yield* connection.send('client', postgresMessage('p', ascii(`md5${random.word(32, '0123456789abcdef')}\0`)));
  const refusal = ascii('SFATAL\0C28P01\0Mpassword authentication failed for user "postgres"\0\0');
  yield* connection.send('server', postgresMessage('E', refusal));
  yield* connection.close('server');
}

function* httpBasic(connection: TcpConversation, random: Random): Play {
  const credentials = Buffer.from(`admin:${password(random)}`).toString('base64');
  const head = 'GET /admin/ HTTP/1.1\r\nHost: build.corp.example\r\nUser-Agent: python-requests/2.31\r\n';
  yield* connection.send('client', ascii(`${head}Authorization: Basic ${credentials}\r\nConnection: close\r\n\r\n`));
  const realm = 'WWW-Authenticate: Basic realm="admin"\r\n';
  yield* connection.send(
    'server',
    ascii(`HTTP/1.1 401 Unauthorized\r\n${realm}Content-Length: 0\r\nConnection: close\r\n\r\n`),
  );
  yield* connection.close('server');
}

/** A message of LDAP (RFC 4511): its number, and what it asks or answers. */
function ldapMessage(body: Uint8Array): Uint8Array {
  return concat([Uint8Array.of(0x30, body.length + 3, 2, 1, 1), body]);
}

function* ldap(connection: TcpConversation, random: Random): Play {
  const name = ascii('cn=admin,dc=corp,dc=example');
  const secret = ascii(password(random));
  const said = concat([Uint8Array.of(2, 1, 3, 4, name.length), name, Uint8Array.of(0x80, secret.length), secret]);
  yield* connection.send('client', ldapMessage(concat([Uint8Array.of(0x60, said.length), said])));
  yield* connection.send('server', ldapMessage(Uint8Array.of(0x61, 7, 10, 1, 49, 4, 0, 4, 0)));
  yield* connection.close('client');
}

const SMB2 = { negotiate: 0, sessionSetup: 1, logonFailure: [0x6d, 0, 0, 0xc0] } as const;

/** A message of SMB 2 (MS-SMB2, 2.2.1): header, then a body of this many bytes that nobody reads. */
function smb(
  command: number,
  bodyBytes: Uint8Array,
  { isResponse = false, status = [0, 0, 0, 0] as readonly number[] } = {},
) {
  const header = new Uint8Array(64);
  header.set([0xfe, 0x53, 0x4d, 0x42, 64]);
  header.set(status, 8);
  header.set([command, 0, 1, 0, isResponse ? 1 : 0], 12);
  return concat([uint32(64 + bodyBytes.length), header, bodyBytes]);
}

function* smbGuess(connection: TcpConversation, random: Random): Play {
  yield* connection.send('client', smb(SMB2.negotiate, new Uint8Array(36)));
  yield* connection.send('server', smb(SMB2.negotiate, new Uint8Array(64), { isResponse: true }));
  yield* connection.send('client', smb(SMB2.sessionSetup, ciphertext(random, 220)));
  const refused = { isResponse: true, status: SMB2.logonFailure };
  yield* connection.send('server', smb(SMB2.sessionSetup, new Uint8Array(9), refused));
  yield* connection.close('client');
}

export const TEXT_GUESSES = { imap, pop3, mysql, postgresql, 'http-basic': httpBasic, smb: smbGuess, ldap } as const;
