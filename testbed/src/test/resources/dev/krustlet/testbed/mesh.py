"""The proxy of a service mesh in small: takes what the pod's rules send to it, writes a line of each connection, and
passes it on to where it was going. A line is WAY UID ADDRESS, with the user that the client's socket belongs to."""

import asyncio
import socket
import struct

OUTBOUND, INBOUND, DNS = 15001, 15006, 15053
ORIGINAL_DESTINATION = 80  # SO_ORIGINAL_DST of linux/netfilter_ipv4.h
TRUNCATED = 0x02  # of the third byte of an answer


def owner(table, port):
    """The user that a socket of this pod belongs to, by the kernel's own table; "-" for one of elsewhere."""
    with open(f"/proc/net/{table}", encoding="ascii") as lines:
        for line in list(lines)[1:]:
            fields = line.split()
            if int(fields[1].split(":")[1], 16) == port:
                return fields[7]
    return "-"


def destination(writer):
    raw = writer.get_extra_info("socket").getsockopt(socket.SOL_IP, ORIGINAL_DESTINATION, 16)
    port, address = struct.unpack("!2xH4s8x", raw)
    return socket.inet_ntoa(address), port


async def copy(reader, writer):
    try:
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
        writer.write_eof()
    except OSError:
        writer.close()


def passing(way):
    async def serve(reader, writer):
        host, port = destination(writer)
        client = writer.get_extra_info("peername")[1]
        print(way, owner("tcp", client) if way == "out" else "-", f"{host}:{port}", flush=True)
        try:
            if port == 53:
                await answer(reader, writer, host)
            else:
                up_reader, up_writer = await asyncio.open_connection(host, port)
                await asyncio.gather(copy(reader, up_writer), copy(up_reader, writer))
                up_writer.close()
        except (OSError, asyncio.IncompleteReadError):
            pass
        writer.close()

    return serve


async def answer(reader, writer, host):
    """Questions over TCP, which the name server of the tests is asked over UDP."""
    while True:
        length = struct.unpack("!H", await reader.readexactly(2))[0]
        answered = await ask(await reader.readexactly(length), host)
        writer.write(struct.pack("!H", len(answered)) + answered)
        await writer.drain()


async def ask(question, host):
    loop = asyncio.get_running_loop()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
        server.setblocking(False)
        server.connect((host, 53))
        await loop.sock_sendall(server, question)
        return await asyncio.wait_for(loop.sock_recv(server, 4096), 5)


class Names(asyncio.DatagramProtocol):
    """Answers that each name is too long to tell: the client has to ask over TCP."""

    def connection_made(self, transport):
        self.transport = transport

    def datagram_received(self, data, client):
        print("dns", owner("udp", client[1]), name(data), flush=True)
        head = bytearray(data)
        head[2] |= 0x80 | TRUNCATED
        self.transport.sendto(bytes(head), client)


def name(question):
    labels, at = [], 12
    while question[at]:
        labels.append(question[at + 1 : at + 1 + question[at]].decode())
        at += 1 + question[at]
    return ".".join(labels).lower()


async def main():
    loop = asyncio.get_running_loop()
    await loop.create_datagram_endpoint(Names, local_addr=("127.0.0.1", DNS))
    await asyncio.start_server(passing("out"), "0.0.0.0", OUTBOUND)
    await asyncio.start_server(passing("in"), "0.0.0.0", INBOUND)
    print("ready", flush=True)
    await asyncio.Event().wait()


asyncio.run(main())
