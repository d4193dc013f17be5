/** People reading: pages over TLS and plain HTTP, with their images and delivery networks, and time to think between. */
import type { Site } from '../network.js';
import type { Random } from '../random.js';
import type { Play, Scene } from '../simulation.js';
import { ascii, concat } from '../wire/bytes.js';
import { endpoint, endpoint6, type Host, nextPort } from '../wire/host.js';
import { imageBytes, pageText, tlsClientFinished, tlsClientHello, tlsData, tlsServerFlight } from '../wire/payloads.js';
import { TcpConversation } from '../wire/tcp-conversation.js';
import { lookUpSite } from './names.js';

/** Largest page or file, so that one download does not become the capture. Unit: bytes. */
const LARGEST_RESPONSE_BYTES = 60_000;

/** TLS handshake on an open connection. */
export function* tlsHandshake(connection: TcpConversation, serverName: string, random: Random): Play {
  yield* connection.send('client', tlsClientHello(serverName, random));
  yield* connection.send('server', tlsServerFlight(random, random.between(2200, 3900)));
  yield* connection.send('client', tlsClientFinished(random));
}

/** Requests and responses of Pareto sizes in TLS records. */
function* tlsRequests(connection: TcpConversation, random: Random): Play {
  for (let left = 1 + Math.floor(random.exponential(1.5)); left > 0; left -= 1) {
    yield* connection.send('client', tlsData(random, random.between(250, 900)));
    const bytes = Math.round(random.pareto(700, 1.15, LARGEST_RESPONSE_BYTES));
    yield* connection.send('server', tlsData(random, bytes));
    yield* connection.pause(Math.round(random.logNormal(400_000, 1.2)));
  }
}

/** One HTTP response: text, an image or compressed text. */
function httpResponse(random: Random): Uint8Array {
  const length = Math.round(random.pareto(400, 1.1, LARGEST_RESPONSE_BYTES));
  const isImage = random.chance(0.3);
  const type = isImage ? 'image/png' : 'text/html; charset=utf-8';
  const head = `HTTP/1.1 200 OK\r\nServer: nginx\r\nContent-Type: ${type}\r\nContent-Length: ${length}\r\n\r\n`;
  return concat([ascii(head), isImage ? imageBytes(random, length) : pageText(length)]);
}

/** One HTTP/1.1 request head. */
export function httpRequest(host: string, path: string): Uint8Array {
  const agent = 'Mozilla/5.0 (X11; Linux x86_64; rv:125.0) Gecko/20100101 Firefox/125.0';
  return ascii(`GET ${path} HTTP/1.1\r\nHost: ${host}\r\nUser-Agent: ${agent}\r\nAccept: */*\r\n\r\n`);
}

function* httpRequests(connection: TcpConversation, name: string, random: Random): Play {
  for (let left = 1 + Math.floor(random.exponential(1.5)); left > 0; left -= 1) {
    const path = random.pick(['/', '/index.html', '/news/today', '/img/logo.png', '/style.css', '/feed.xml']);
    yield* connection.send('client', httpRequest(name, path));
    yield* connection.send('server', httpResponse(random));
    yield* connection.pause(Math.round(random.logNormal(300_000, 1.2)));
  }
}

function* closeSomehow(connection: TcpConversation, random: Random): Play {
  if (random.chance(0.06)) yield* connection.reset('client');
  else yield* connection.close(random.chance(0.6) ? 'client' : 'server');
}

/** One connection to a site; the name has been looked up. */
function* session(visit: { client: Host; site: Site; name: string }, random: Random, startUs: number): Play {
  const { client, site, name } = visit;
  const end = random.chance(0.15) ? endpoint6 : endpoint;
  const port = site.plainHttp ? 80 : 443;
  const ends = { client: end(client, nextPort(client)), server: end(site.host, port) };
  const connection = new TcpConversation(ends, startUs, random);
  if (random.chance(0.01)) return yield* connection.knock();
  if (random.chance(0.01)) return yield* connection.refuse();
  yield* connection.open();
  if (site.plainHttp) yield* httpRequests(connection, name, random);
  else {
    yield* tlsHandshake(connection, name, random);
    yield* tlsRequests(connection, random);
  }
  yield* closeSomehow(connection, random);
}

/** A page: its site's name and connections, then what it embeds from other sites. */
function* page(scene: Scene, client: Host, random: Random, startUs: number): Play {
  const site = random.pickZipf(scene.network.sites);
  const visit = { client, site, name: site.names[0]! };
  const readyUs = yield* lookUpSite(scene, visit, random, startUs);
  for (let i = random.between(1, 2); i > 0; i -= 1) {
    const atUs = readyUs + random.between(0, 40_000);
    scene.spawn(session(visit, random.fork('session'), atUs), atUs);
  }
  for (let i = random.between(0, 2); i > 0; i -= 1) {
    const atUs = readyUs + random.between(60_000, 900_000);
    scene.spawn(embedded(scene, client, random.fork('embedded'), atUs), atUs);
  }
  yield readyUs;
}

function* embedded(scene: Scene, client: Host, random: Random, startUs: number): Play {
  const site = random.pickZipf(scene.network.sites);
  const visit = { client, site, name: random.pick(site.names) };
  const readyUs = yield* lookUpSite(scene, visit, random, startUs);
  yield* session(visit, random, readyUs);
}

/** One person at a desk: a page, a while to read it, the next one. */
export function* browse(scene: Scene, client: Host, random: Random): Play {
  let timeUs = scene.startUs + random.exponential(20e6);
  for (;;) {
    timeUs = Math.floor(timeUs);
    yield timeUs;
    scene.spawn(page(scene, client, random.fork('page'), timeUs), timeUs);
    timeUs += Math.min(600e6, random.logNormal(42e6, 1)) * scene.calm;
  }
}
