import type { IncomingMessage } from 'node:http';
import { messageBuffers } from './buffer-pool.js';

/** A request whose body cannot be had. */
export class BodyRefused extends Error {
  override readonly name = 'BodyRefused';

  constructor(
    message: string,
    readonly status: number,
    readonly result: 'too-large' | 'gone',
  ) {
    super(message);
  }
}

/**
 * The body of a request, in memory of `messageBuffers`, for the caller to give back. With a content-length, as Flink sends,
 * its bytes are copied once. Rejects with a BodyRefused when it is longer than `maxBytes`, or its sender went away.
 */
export function readBody(request: IncomingMessage, maxBytes: number): Promise<Uint8Array<ArrayBuffer>> {
  const announced = Number(request.headers['content-length'] ?? Number.NaN);
  if (announced > maxBytes) return Promise.reject(tooLarge(announced, maxBytes));
  return new Promise((resolve, reject) => {
    const body = new GrowingBody(Number.isNaN(announced) ? 64 * 1024 : announced);
    request.on('data', (chunk: Buffer) => {
      if (body.lengthBytes + chunk.length > maxBytes) {
        request.pause();
        reject(tooLarge(body.lengthBytes + chunk.length, maxBytes));
      } else body.append(chunk);
    });
    request.on('end', () => resolve(body.bytes()));
    request.on('error', (error) => reject(new BodyRefused(`the sender went away: ${error.message}`, 400, 'gone')));
  });
}

function tooLarge(lengthBytes: number, maxBytes: number): BodyRefused {
  return new BodyRefused(
    `the request has ${lengthBytes} bytes or more and the limit is ${maxBytes}. Use more partitions, let Flink send fewer ` +
      'messages a call (maxNumBatchRequests), or raise --max-request-mb.',
    413,
    'too-large',
  );
}

class GrowingBody {
  lengthBytes = 0;
  private buffer: Uint8Array<ArrayBuffer>;

  constructor(capacityBytes: number) {
    this.buffer = messageBuffers.take(capacityBytes);
  }

  append(chunk: Buffer): void {
    const needed = this.lengthBytes + chunk.length;
    if (needed > this.buffer.length) this.growTo(Math.max(needed, this.buffer.length * 2));
    this.buffer.set(chunk, this.lengthBytes);
    this.lengthBytes = needed;
  }

  bytes(): Uint8Array<ArrayBuffer> {
    return this.buffer.subarray(0, this.lengthBytes);
  }

  private growTo(capacityBytes: number): void {
    const larger = messageBuffers.take(capacityBytes);
    larger.set(this.bytes());
    messageBuffers.giveBack(this.buffer);
    this.buffer = larger;
  }
}
