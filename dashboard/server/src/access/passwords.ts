import { randomBytes, type ScryptOptions, scrypt, timingSafeEqual } from 'node:crypto';

/** Cost of a hash (OWASP Password Storage Cheat Sheet, scrypt: N 2^15, r 8, p 3 is among the equals it lists). */
const COST = { log2N: 15, r: 8, p: 3 } as const;
const KEY_BYTES = 32;
const SALT_BYTES = 16;
const MEMORY_BYTES = 64 * 1024 * 1024;
/** Hashes computed at a time; each takes 32 MB. */
const AT_ONCE = 2;
/** Logins that wait for their turn; more are refused. */
const MOST_WAITING = 50;

let running = 0;
const waiting: (() => void)[] = [];

/** Too many logins at the same time. */
export class BusyError extends Error {
  override readonly name = 'BusyError';
}

async function inTurn<T>(work: () => Promise<T>): Promise<T> {
  if (running >= AT_ONCE) {
    if (waiting.length >= MOST_WAITING) throw new BusyError('Too many logins at the same time. Try again in a moment.');
    await new Promise<void>((resolve) => waiting.push(resolve));
  } else running++;
  try {
    return await work();
  } finally {
    const next = waiting.shift();
    if (next) next();
    else running--;
  }
}

function derive(password: string, salt: Buffer, { N, r, p }: ScryptOptions): Promise<Buffer> {
  const settings = { N: N!, r: r!, p: p!, maxmem: MEMORY_BYTES };
  return inTurn(
    () =>
      new Promise((resolve, reject) =>
        scrypt(password.normalize('NFKC'), salt, KEY_BYTES, settings, (error, key) =>
          error ? reject(error) : resolve(key),
        ),
      ),
  );
}

/** `scrypt$N$r$p$salt$hash`, salt and hash in base64url. */
export async function hashPassword(password: string, costLog2: number = COST.log2N): Promise<string> {
  const { r, p } = COST;
  const N = 2 ** costLog2;
  const salt = randomBytes(SALT_BYTES);
  const hash = await derive(password, salt, { N, r, p });
  return ['scrypt', N, r, p, salt.toString('base64url'), hash.toString('base64url')].join('$');
}

/** Whether `password` is the one that was hashed. Takes as long for a user that does not exist (`stored` undefined). */
export async function isPassword(password: string, stored: string | undefined): Promise<boolean> {
  const [, N, r, p, salt = '', hash = ''] = (stored ?? NOBODY).split('$');
  const settings = { N: Number(N), r: Number(r), p: Number(p) };
  const found = await derive(password, Buffer.from(salt, 'base64url'), settings);
  const wanted = Buffer.from(hash, 'base64url');
  return stored !== undefined && wanted.length === found.length && timingSafeEqual(found, wanted);
}

const NOBODY = ['scrypt', 2 ** COST.log2N, COST.r, COST.p, 'AAAAAAAAAAAAAAAAAAAAAA', ''].join('$');

/** A password to print once: 100 bits, in groups that can be typed. */
export function makePassword(): string {
  const letters = 'abcdefghjkmnpqrstuvwxyz23456789';
  const text = Array.from(randomBytes(64))
    .filter((byte) => byte < 248)
    .slice(0, 20);
  return text.map((byte, i) => `${i > 0 && i % 5 === 0 ? '-' : ''}${letters[byte % 31]}`).join('');
}
