/** Port that Kafka listens on unless told otherwise. */
const DEFAULT_PORT = 9092;

/**
 * `host:port` of each broker in a comma-separated list; a host alone gets port 9092. Throws a RangeError that names the
 * part that is wrong.
 */
export function parseBrokers(text: string): string[] {
  const parts = text.split(',').map((part) => part.trim());
  return parts.map((part) => {
    const match = /^(\[[0-9a-fA-F:.]+\]|[A-Za-z0-9._-]+)(?::(\d{1,5}))?$/.exec(part);
    const port = match?.[2] === undefined ? DEFAULT_PORT : Number(match[2]);
    if (match && port >= 1 && port <= 65_535) return `${match[1]}:${port}`;
    throw new RangeError(`"${part}" is no broker address. Give HOST:PORT, several with commas, such as kafka-1:9092.`);
  });
}

/** Whether a broker is on this machine, as far as its name tells. */
export function isLoopback(broker: string): boolean {
  return /^(localhost|127\.[0-9.]+|\[::1\]):/.test(broker);
}
