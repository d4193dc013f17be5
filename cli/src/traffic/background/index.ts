import { Random } from '../random.js';
import type { Play, Scene } from '../simulation.js';
import { advertise, askMdns, askNeighbours, renewLease, searchSsdp } from './chatter.js';
import { backUp, monitorServers, openShells, sendLogs, setClock } from './machines.js';
import { deliverMail, readMail } from './mail.js';
import { oddLookups } from './names.js';
import { browse } from './web.js';

/** Habits of every desk. */
const DESK_HABITS = {
  browse,
  readMail,
  oddLookups,
  askNeighbours,
  advertise,
  askMdns,
  searchSsdp,
  renewLease,
  setClock,
};
/** Habits of the company as a whole. */
const COMPANY_HABITS = { deliverMail, backUp, openShells, monitorServers };

/** Starts the benign traffic of the whole network; each habit has its own randomness, so that none disturbs another. */
export function startBackground(scene: Scene, seed: number): void {
  const { network, startUs } = scene;
  const start = (play: Play) => scene.spawn(play, startUs);
  for (const client of network.clients) {
    for (const [name, habit] of Object.entries(DESK_HABITS)) {
      start(habit(scene, client, new Random(seed, `${name} ${client.name}`)));
    }
  }
  for (const server of Object.values(network.servers)) {
    start(sendLogs(scene, server, new Random(seed, `logs ${server.name}`)));
    start(setClock(scene, server, new Random(seed, `clock ${server.name}`)));
  }
  for (const [name, habit] of Object.entries(COMPANY_HABITS)) start(habit(scene, new Random(seed, name)));
}
