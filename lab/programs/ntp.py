"""NTP (RFC 5905), as far as one exchange: `ntp.py serve` answers on port 123, `ntp.py ask ADDRESS` asks once."""

import socket
import struct
import sys
import time

EPOCH_1900 = 2_208_988_800


def timestamp() -> bytes:
    now = time.time() + EPOCH_1900
    return struct.pack("!II", int(now), int(now % 1 * 2**32))


def serve() -> None:
    server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    server.bind(("", 123))
    while True:
        question, sender = server.recvfrom(512)
        if len(question) < 48:
            continue
        received = timestamp()
        head = struct.pack("!BBbbII4s", 0x24, 2, 6, -20, 0, 0, b"LAB\0")
        server.sendto(head + received + question[40:48] + received + timestamp(), sender)


def ask(address: str) -> None:
    client = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    client.settimeout(2)
    client.bind(("", 123))
    client.sendto(struct.pack("!BBbb", 0x23, 0, 6, -20) + bytes(36) + timestamp(), (address, 123))
    client.recvfrom(512)


if __name__ == "__main__":
    serve() if sys.argv[1] == "serve" else ask(sys.argv[2])
