/** The kinds of attack that are a file or a part of one, in the order in which help texts name them. */
import { addressSweep } from './address-sweep.js';
import { amplification } from './amplification.js';
import { hostUnlikeItself, trafficStopped } from './behaviour.js';
import { beacon, commandAndControl, generatedDomains, longConnection } from './control.js';
import { icmpFlood, packetFlood, udpFlood } from './floods.js';
import { lateralMovement } from './lateral-movement.js';
import { dataExfiltration, icmpTunnel } from './leaving-data.js';
import { addressStarvation, arpSpoofing, namePoisoning, rogueServer } from './local.js';
import { mining } from './mining.js';
import { doh, newDevice, rareDestination, rareTlsClient } from './new-things.js';
import { protocolViolation } from './protocol-violation.js';
import { spam } from './spam.js';
import { passwordSpraying } from './spraying.js';
import { httpFlood, slowDos, webProbing } from './web-attacks.js';

export const ATTACK_KINDS = [
  addressSweep,
  webProbing,
  udpFlood,
  icmpFlood,
  packetFlood,
  httpFlood,
  amplification,
  slowDos,
  passwordSpraying,
  beacon,
  commandAndControl,
  generatedDomains,
  longConnection,
  mining,
  spam,
  icmpTunnel,
  dataExfiltration,
  arpSpoofing,
  namePoisoning,
  addressStarvation,
  lateralMovement,
  protocolViolation,
  newDevice,
  rogueServer,
  rareDestination,
  rareTlsClient,
  doh,
  hostUnlikeItself,
  trafficStopped,
] as const;

/** Their names. */
export type AttackKindName = (typeof ATTACK_KINDS)[number]['name'];
