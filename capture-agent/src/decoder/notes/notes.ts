import { NoteKind, PayloadGuess } from '@weir/contracts';
import type { Frame } from '../frame.js';
import { noteAmplifier } from './amplifier.js';
import { noteDhcp } from './dhcp.js';
import { Follow, FollowedFlows } from './followed-flows.js';
import { HelloStore } from './hello-store.js';
import { noteHttp } from './http-head.js';
import { NAME_PORT, noteLocalAnswer, noteNetbiosAnswer } from './name-answer.js';
import { writeLine } from './note-text.js';
import { continueQuic, noteQuic, QuicState } from './quic.js';
import { noteReply } from './server-reply.js';
import { noteSmb } from './smb.js';
import { noteKexInit } from './ssh.js';
import { continueClientHello, isHandshakeStart, noteTls } from './tls.js';

/** Bytes of a banner that are kept. */
const MAX_BANNER_BYTES = 128;

/** Notes what payloads say in clear. Keeps which flows have more to tell; all of it is bounded. */
export class Notes {
  readonly flows = new FollowedFlows();
  readonly quic = new QuicState();
  direction = 0;
  private store: HelloStore | undefined;

  /** Made when the first hello does not come in one piece. */
  get hellos(): HelloStore {
    this.store ??= new HelloStore();
    return this.store;
  }

  /** The first payload of a TCP direction. */
  noteStream(f: Frame, guess: number, direction: number): void {
    this.direction = direction;
    switch (guess) {
      case PayloadGuess.http:
        this.flows.add(f.flowHash[f.row]!, Follow.http, direction);
        noteHttp(f);
        break;
      case PayloadGuess.tls:
        noteTls(f, this);
        break;
      case PayloadGuess.ssh:
        this.flows.add(f.flowHash[f.row]!, Follow.ssh, direction);
        noteBanner(f);
        break;
      case PayloadGuess.smb:
        this.flows.add(f.flowHash[f.row]!, Follow.smb, direction);
        noteSmb(f);
        break;
      case PayloadGuess.rdp:
        this.flows.add(f.flowHash[f.row]!, Follow.startTls, direction);
        break;
      default:
        this.noteDialogue(f, guess);
    }
  }

  /** The first payload of FTP or mail. */
  private noteDialogue(f: Frame, guess: number): void {
    const isBannered = guess === PayloadGuess.ftp || guess === PayloadGuess.smtp;
    if (!isBannered && guess !== PayloadGuess.pop3 && guess !== PayloadGuess.imap) return;
    const serverDirection = isServerSpeaking(f) ? this.direction : 1 - this.direction;
    this.flows.add(f.flowHash[f.row]!, Follow.replies, serverDirection);
    if (isBannered) noteBanner(f);
    else if (serverDirection === this.direction) noteReply(f);
  }

  /** The first datagram of a UDP direction. */
  noteDatagram(f: Frame, guess: number, direction: number): void {
    this.direction = direction;
    if (guess === PayloadGuess.quic) noteQuic(f, this);
    else if (guess === PayloadGuess.dhcp || isNetbiosName(f)) {
      this.flows.add(f.flowHash[f.row]!, Follow.datagrams, direction);
      noteFollowedDatagram(f);
    } else noteAmplifier(f);
  }

  /** A later packet of a followed flow, or one that is looked at by its port alone. */
  noteLater(f: Frame, direction: number): void {
    this.direction = direction;
    if (f.noteKind[f.row] !== NoteKind.none) {
      noteLocalAnswer(f);
      return;
    }
    switch (this.flows.followOf(f.flowHash[f.row]!)) {
      case Follow.hello:
        continueClientHello(f, this);
        break;
      case Follow.quic:
        continueQuic(f, this);
        break;
      case Follow.datagrams:
        noteFollowedDatagram(f);
        break;
      case Follow.smb:
        noteSmb(f);
        break;
      case Follow.ssh:
        noteKexInit(f);
        break;
      case Follow.nothing:
        break;
      default:
        this.noteClearText(f);
    }
  }

  /** Protocols in clear that may turn to TLS. */
  private noteClearText(f: Frame): void {
    const follow = this.flows.followOf(f.flowHash[f.row]!);
    if (isHandshakeStart(f.view.getInt32(f.payloadAt))) noteTls(f, this);
    else if (follow === Follow.http) noteHttp(f);
    else if (follow === Follow.replies) noteReply(f);
  }
}

/** Servers begin with a code, or with `+OK`, `-ERR` or `* OK`; clients with a word. */
function isServerSpeaking({ bytes, payloadAt }: Frame): boolean {
  const first = bytes[payloadAt]!;
  return (first >= 0x30 && first <= 0x39) || first === 0x2b || first === 0x2d || first === 0x2a;
}

function noteBanner(f: Frame): void {
  f.noteKind[f.row] = NoteKind.serverBanner;
  f.noteValue[f.row] = f.payloadBytes[f.row]!;
  writeLine(f, f.payloadAt, MAX_BANNER_BYTES);
}

function noteFollowedDatagram(f: Frame): void {
  if (isNetbiosName(f)) noteNetbiosAnswer(f);
  else noteDhcp(f);
}

function isNetbiosName({ row, sourcePort, destinationPort }: Frame): boolean {
  return sourcePort[row] === NAME_PORT.netbios || destinationPort[row] === NAME_PORT.netbios;
}
