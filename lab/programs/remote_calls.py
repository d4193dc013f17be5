"""Remote calls of Windows machines (DCE/RPC), in pipes of SMB 2 and over TCP, with impacket on both ends.

    remote_calls.py serve ADDRESS         answers on ports 445 and 49700
    remote_calls.py service ADDRESS       makes a service and starts it, through the pipe svcctl
    remote_calls.py list ADDRESS...       lists shares and users of each machine, through srvsvc and wkssvc
    remote_calls.py refused ADDRESS N     makes N calls over TCP, all of which are refused

Nothing is changed by it: the server answers that all went well, and does nothing.
"""

import socket
import sys
import time

from impacket import smbserver
from impacket.dcerpc.v5 import rpcrt, scmr, srvs, transport, wkst
from impacket.dcerpc.v5.dtypes import NULL
from impacket.uuid import uuidtup_to_bin

SERVICES = ("367ABB81-9844-35F1-AD32-98F038001003", "2.0")
TCP_PORT = 49700
PIPE_PORT = 49701
ACCESS_DENIED = 0xC0000022


def open_manager(_data):
    answer = scmr.ROpenSCManagerWResponse()
    answer["lpScHandle"] = b"m" * 20
    answer["ErrorCode"] = 0
    return answer


def create_service(_data):
    answer = scmr.RCreateServiceWResponse()
    answer["lpdwTagId"] = NULL
    answer["lpServiceHandle"] = b"s" * 20
    answer["ErrorCode"] = 0
    return answer


def start_service(_data):
    answer = scmr.RStartServiceWResponse()
    answer["ErrorCode"] = 0
    return answer


def refuse(_data):
    answer = scmr.RStartServiceWResponse()
    answer["ErrorCode"] = ACCESS_DENIED
    return answer


def serve_calls(address, port, calls):
    server = rpcrt.DCERPCServer()
    # Its own way to listen fails while connections of the run before are still remembered.
    server._sock = socket.socket()
    server._sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    server._sock.bind((address, port))
    server.addCallbacks(SERVICES, "\\\\PIPE\\\\svcctl", calls)
    server.daemon = True
    server.start()


def serve(address):
    works = {15: open_manager, 12: create_service, 19: start_service}
    serve_calls("127.0.0.1", PIPE_PORT, works)
    serve_calls(address, TCP_PORT, {operation: refuse for operation in works})
    server = smbserver.SimpleSMBServer(listenAddress=address, listenPort=445)
    server.setSMB2Support(True)
    server.registerNamedPipe("svcctl", ("127.0.0.1", PIPE_PORT))
    server.start()


def pipe(address, name, interface):
    rpc = transport.DCERPCTransportFactory("ncacn_np:%s[\\pipe\\%s]" % (address, name)).get_dce_rpc()
    rpc.connect()
    rpc.bind(interface)
    return rpc


def make_service(address):
    rpc = pipe(address, "svcctl", scmr.MSRPC_UUID_SCMR)
    manager = scmr.hROpenSCManagerW(rpc)["lpScHandle"]
    made = scmr.hRCreateServiceW(rpc, manager, "lab\x00", "lab\x00", lpBinaryPathName="C:\\lab.exe\x00")
    scmr.hRStartServiceW(rpc, made["lpServiceHandle"])
    rpc.disconnect()


def list_machine(address):
    rpc = pipe(address, "srvsvc", srvs.MSRPC_UUID_SRVS)
    srvs.hNetrShareEnum(rpc, 1)
    rpc.disconnect()
    rpc = pipe(address, "wkssvc", wkst.MSRPC_UUID_WKST)
    try:
        wkst.hNetrWkstaUserEnum(rpc, 1)
    except rpcrt.DCERPCException:
        pass  # the server does not know; the question was asked
    rpc.disconnect()


def be_refused(address, count):
    rpc = transport.DCERPCTransportFactory("ncacn_ip_tcp:%s[%d]" % (address, TCP_PORT)).get_dce_rpc()
    rpc.connect()
    rpc.bind(uuidtup_to_bin(SERVICES))
    for _ in range(count):
        try:
            scmr.hROpenSCManagerW(rpc)
        except rpcrt.DCERPCException:
            pass
        time.sleep(0.1)
    rpc.disconnect()


def main(what, *rest):
    if what == "serve":
        serve(rest[0])
    elif what == "service":
        make_service(rest[0])
    elif what == "list":
        for address in rest:
            list_machine(address)
    else:
        be_refused(rest[0], int(rest[1]))


main(*sys.argv[1:])
