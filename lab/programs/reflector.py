"""Open UDP services that answer much to little, on the ports that reflection attacks use; bounded to 60,000 answers."""

import selectors
import socket
import struct

# Port and answer sizes in bytes: CharGEN, DNS, NTP monlist, SNMP, CLDAP, SSDP, memcached.
SERVICES = {19: [1024], 53: [1400], 123: [440] * 10, 161: [1300], 389: [1400, 1400], 1900: [300] * 8, 11211: [1400] * 10}
LIMIT = 60_000


def answer_to(port: int, question: bytes, size: int) -> bytes:
    """As many bytes as the service would give; of DNS, an answer that can be read (RFC 1035), whatever was asked."""
    if port != 53:
        return (question + bytes(size))[:size]
    name = b"\x07example\x00"
    text = b"\xfa" + b"v" * 250
    record = b"\xc0\x0c" + struct.pack("!HHIH", 16, 1, 300, len(text)) + text
    count = size // len(record)
    head = question[:2] + struct.pack("!HHHHH", 0x8580, 1, count, 0, 0)
    return head + name + struct.pack("!HH", 255, 1) + record * count


def main() -> None:
    waiting = selectors.DefaultSelector()
    for port in SERVICES:
        service = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        # The answer must come from the address that was asked (ip(7), IP_PKTINFO = 8).
        service.setsockopt(socket.IPPROTO_IP, 8, 1)
        service.bind(("", port))
        waiting.register(service, selectors.EVENT_READ, port)
    answered = 0
    while answered < LIMIT:
        for key, _ in waiting.select():
            question, ancillary, _, sender = key.fileobj.recvmsg(512, 64)
            asked = [data for level, kind, data in ancillary if (level, kind) == (socket.IPPROTO_IP, 8)]
            for size in SERVICES[key.data]:
                answer = answer_to(key.data, question, size)
                key.fileobj.sendmsg([answer], [(socket.IPPROTO_IP, 8, asked[0])], 0, sender)
                answered += 1


if __name__ == "__main__":
    main()
