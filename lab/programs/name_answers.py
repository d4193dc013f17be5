"""Names asked of everybody on the wire (LLMNR, RFC 4795; multicast DNS, RFC 6762), and somebody who answers for all of them.

    name_answers.py answer ADDRESS SECONDS   says that each name asked for has its own address
    name_answers.py ask ADDRESS NAME...      asks for each name, both ways
"""

import select
import socket
import struct
import sys
import time

WAYS = {"llmnr": ("224.0.0.252", 5355), "mdns": ("224.0.0.251", 5353)}
QUERY_SECONDS = 0.3
LIFETIME_SECONDS = 30
ADDRESS_TYPE, INTERNET = 1, 1


def question(name):
    labels = name.split(".")
    return b"".join(bytes([len(label)]) + label.encode() for label in labels) + b"\0" + struct.pack("!HH", ADDRESS_TYPE, INTERNET)


def open_socket(address, group, port):
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    sock.bind(("", port))
    own = socket.inet_aton(address)
    sock.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, socket.inet_aton(group) + own)
    sock.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, own)
    sock.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_LOOP, 0)
    return sock


def answer_all(address, seconds):
    ways = {open_socket(address, group, port): (group, port) for group, port in WAYS.values()}
    end = time.time() + seconds
    while time.time() < end:
        for sock in select.select(list(ways), [], [], 0.5)[0]:
            asked, who = sock.recvfrom(1500)
            if len(asked) < 17 or asked[2] & 0x80:
                continue
            is_mdns = ways[sock] == WAYS["mdns"]
            header = asked[:2] + struct.pack("!HHHHH", 0x8400 if is_mdns else 0x8000, 0 if is_mdns else 1, 1, 0, 0)
            name = asked[12 : asked.index(b"\0", 12) + 1]
            body = b"" if is_mdns else asked[12:]
            record = name + struct.pack("!HHIH", ADDRESS_TYPE, INTERNET, LIFETIME_SECONDS, 4) + socket.inet_aton(address)
            sock.sendto(header + body + record, ways[sock] if is_mdns else who)


def ask_all(address, names):
    for name in names:
        for way, (group, port) in WAYS.items():
            sock = open_socket(address, group, port if way == "mdns" else 0)
            whole = name + ".local" if way == "mdns" else name
            header = struct.pack("!HHHHHH", 0 if way == "mdns" else 0x1234, 0, 1, 0, 0, 0)
            sock.sendto(header + question(whole), (group, port))
            time.sleep(QUERY_SECONDS)
            sock.close()


def main(what, address, *rest):
    if what == "answer":
        answer_all(address, float(rest[0]))
    else:
        ask_all(address, rest)


main(*sys.argv[1:])
