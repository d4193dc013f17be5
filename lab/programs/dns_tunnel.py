"""A tunnel in DNS: `serve ADDRESS` answers TXT questions; `send RESOLVER DOMAIN BYTES PAUSE_S TYPE` asks names that carry data."""

import base64
import os
import socket
import struct
import sys
import time

TYPES = {"A": 1, "CNAME": 5, "TXT": 16}


def read_question(packet: bytes) -> tuple[bytes, int]:
    """The question section as it stands, and its type."""
    at = 12
    while packet[at]:
        at += packet[at] + 1
    return packet[12 : at + 5], struct.unpack("!H", packet[at + 1 : at + 3])[0]


def answer_data(kind: int) -> bytes:
    if kind == TYPES["A"]:
        return bytes([203, 0, 113, 67])
    text = base64.b32encode(os.urandom(100)).rstrip(b"=").lower()
    if kind == TYPES["CNAME"]:
        return bytes([60]) + text[:60] + b"\xc0\x0c"
    return bytes([len(text)]) + text


def serve(address: str) -> None:
    server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    server.bind((address, 53))
    for _ in range(20_000):
        packet, sender = server.recvfrom(512)
        question, kind = read_question(packet)
        data = answer_data(kind)
        head = packet[:2] + struct.pack("!HHHHH", 0x8400, 1, 1, 0, 0)
        record = b"\xc0\x0c" + struct.pack("!HHIH", kind, 1, 0, len(data)) + data
        server.sendto(head + question + record, sender)


def send(resolver: str, domain: str, total: int, pause_s: float, kind: str) -> None:
    client = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    client.settimeout(1)
    for number in range(0, total, 60):
        text = base64.b32encode(os.urandom(60)).rstrip(b"=").decode().lower()
        labels = [text[:48], text[48:], f"{number:x}", *domain.split(".")]
        name = b"".join(bytes([len(label)]) + label.encode() for label in labels) + b"\0"
        head = os.urandom(2) + struct.pack("!HHHHH", 0x0100, 1, 0, 0, 0)
        client.sendto(head + name + struct.pack("!HH", TYPES[kind], 1), (resolver, 53))
        try:
            client.recvfrom(1024)
        except TimeoutError:
            pass
        time.sleep(pause_s)


if __name__ == "__main__":
    if sys.argv[1] == "serve":
        serve(sys.argv[2])
    else:
        send(sys.argv[2], sys.argv[3], int(sys.argv[4]), float(sys.argv[5]), sys.argv[6])
