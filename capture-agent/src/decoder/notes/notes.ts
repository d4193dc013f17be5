import type { Frame } from '../frame.js';
import { noteDhcpV6 } from './dhcp.js';
import type { FollowedFlows } from './followed-flows.js';
import { HelloStore } from './hello-store.js';
import { noteHttp } from './http-head.js';
import { noteLineCommand } from './line-command.js';
import { NETBIOS_NAMES, noteNetbiosAnswer } from './name-answer.js';
import { continueQuic, noteQuic, QuicState } from './quic.js';
import { noteRouterAdvertisement } from './router-advertisement.js';
import { noteSmb } from './smb.js';
import { noteKexInit } from './ssh.js';
import { continueClientHello, noteClientHello } from './tls.js';
import { Visit } from './visit.js';

/** Notes what payloads say in clear, where the compiled core leaves that to this side. All that it keeps is bounded. */
export class Notes {
  readonly quic = new QuicState();
  direction = 0;
  private store: HelloStore | undefined;

  constructor(readonly flows: FollowedFlows) {}

  /** Made when the first hello does not come in one piece. */
  get hellos(): HelloStore {
    this.store ??= new HelloStore();
    return this.store;
  }

  /** Writes the note of the packet that the frame points at. `direction` is the packet's, as in the block's column. */
  note(f: Frame, visit: number, direction: number): void {
    this.direction = direction;
    switch (visit) {
      case Visit.http:
        noteHttp(f);
        break;
      case Visit.clientHello:
        noteClientHello(f, this);
        break;
      case Visit.moreHello:
        continueClientHello(f, this);
        break;
      case Visit.quic:
        noteQuic(f, this);
        break;
      case Visit.moreQuic:
        continueQuic(f, this);
        break;
      case Visit.smb:
        noteSmb(f);
        break;
      case Visit.keyExchange:
        noteKexInit(f);
        break;
      case Visit.datagram:
        noteDatagram(f);
        break;
      case Visit.routerAdvertisement:
        noteRouterAdvertisement(f);
        break;
      case Visit.lineCommand:
        noteLineCommand(f);
        break;
    }
  }
}

function noteDatagram(f: Frame): void {
  const isName = f.sourcePort[f.row] === NETBIOS_NAMES || f.destinationPort[f.row] === NETBIOS_NAMES;
  if (isName) noteNetbiosAnswer(f);
  else noteDhcpV6(f);
}
