# SPDX-License-Identifier: LGPL-2.1-or-later
"""Packets for port 5353 that are mostly wrong. A packet depends on its seed and number alone.

A message is made that could be one of a sound host's; then some of its records are made odd, it is
written down, and some of its bytes are changed. Names are of a small pool, so that what is in the
packets meets what is known of the same name, and no cache is filled by it.

Names that are somebody's are only in packets that he takes in too: nobody else can set right what is
forged (RFC 6762 §9)."""

import random
import struct

# RFC 1035 §3.2.2, RFC 2782, RFC 4034, RFC 6762, and one that there is not
A, NS, CNAME, SOA, PTR, HINFO, MX, TXT = 1, 2, 5, 6, 12, 13, 15, 16
AAAA, SRV, DNAME, OPT, RRSIG, NSEC, DNSKEY, ANY, UNKNOWN = 28, 33, 39, 41, 46, 47, 48, 255, 65280
IN, FLUSH = 1, 0x8000
MAX_BYTES = 9000
# of 1000 packets: what is larger than the rest, and nothing but bytes
LARGE, NOISE = 20, 60


class Record:
    """Names are lists of labels, which are bytes. `size` is the RDLENGTH to write, if not the true
    one."""

    def __init__(self, name, kind, data, ttl=120, klass=IN):
        self.name, self.kind, self.data, self.ttl, self.klass = name, kind, data, ttl, klass
        self.size = None


class Raw(bytes):
    """In the place of a name: what is written for it, as it is"""


class Message:
    def __init__(self):
        self.flags = 0
        self.sections = [[], [], [], []]  # of Record; questions have no data
        self.counts = [None] * 4          # to write, if not the true ones


class Writer:
    """A message's bytes, with names compressed or not"""

    def __init__(self, message, compress):
        self.bytes = bytearray(12)
        self.known = {} if compress else None
        self.places = []  # where records begin
        for section, records in enumerate(message.sections):
            for record in records:
                self.record(record, section > 0)
        counts = [len(records) if count is None else count
                  for records, count in zip(message.sections, message.counts)]
        struct.pack_into(">6H", self.bytes, 0, 0, message.flags, *(n & 0xffff for n in counts))

    def name(self, labels):
        if isinstance(labels, Raw):
            self.bytes += labels
            return
        for at in range(len(labels)):
            rest = tuple(labels[at:])
            if self.known is not None and rest in self.known:
                self.bytes += struct.pack(">H", 0xc000 | self.known[rest])
                return
            if self.known is not None and len(self.bytes) < 0x4000:
                self.known[rest] = len(self.bytes)
            self.bytes += bytes([min(len(labels[at]), 255)]) + labels[at]
        self.bytes += b"\0"

    def record(self, record, with_data):
        self.places.append(len(self.bytes))
        self.name(record.name)
        self.bytes += struct.pack(">HH", record.kind, record.klass)
        if not with_data:
            return
        self.bytes += struct.pack(">IH", record.ttl & 0xffffffff, 0)
        start = len(self.bytes)
        for part in record.data:
            if isinstance(part, (list, Raw)):
                self.name(part)
            else:
                self.bytes += part
        size = len(self.bytes) - start if record.size is None else record.size
        struct.pack_into(">H", self.bytes, start - 2, size & 0xffff)


class Packets:
    """`service` is the type that is watched; `labels` and `hosts` are somebody's names there, who
    takes in what the watching host does, if they are `alike`, and else what is sound."""

    def __init__(self, seed, service="_fuzz._tcp", labels=(), hosts=(), alike=True):
        self.seed, self.alike = seed, alike
        self.type = [part.encode() for part in service.split(".")] + [b"local"]
        self.labels = [label.encode() for label in labels]
        self.hosts = [host.encode() for host in hosts]

    def packet(self, number):
        """The bytes, and whether they go to the one host alone and from a port of one's own."""
        self.random = random.Random("%d/%d" % (self.seed, number))
        alone, from_other_port = self.one_in(8), self.one_in(16)
        self.sound = self.one_in(6)
        self.names_others = not alone and (self.alike or self.sound)
        return self.payload()[:MAX_BYTES], alone, from_other_port

    def one_in(self, n):
        return self.random.randrange(n) == 0

    def noise(self, size):
        return self.random.randbytes(size)

    # --- what a sound host says ---

    def label(self):
        if self.names_others and self.labels and self.one_in(8):
            return self.random.choice(self.labels)
        return b"ghost-%d" % self.random.randrange(20)

    def host(self):
        if self.names_others and self.hosts and self.one_in(16):
            return [self.random.choice(self.hosts), b"local"]
        return [b"nowhere-%d" % self.random.randrange(5), b"local"]

    def instance(self):
        return [self.label()] + self.type

    def txt(self):
        strings = [b"id=" + self.label(), b"path=/", b"tags=a,b", b"flag", b"=", b"", b"x=\xff\xfe",
                   self.noise(self.random.randrange(40))]
        chosen = self.random.sample(strings, self.random.randrange(1, 5))
        return b"".join(bytes([len(string)]) + string for string in chosen)

    def nsec(self, name):
        return [name, b"\0", bytes([self.random.randrange(1, 9)]), self.noise(8)]

    def sound_record(self):
        name, host = self.instance(), self.host()
        return self.random.choice((
            lambda: Record(self.type, PTR, [name], 4500),
            lambda: Record(self.type, PTR, [name], 4500),
            lambda: Record([b"_a", b"_sub"] + self.type, PTR, [name], 4500),
            lambda: Record([b"_services", b"_dns-sd", b"_udp", b"local"], PTR, [self.type], 4500),
            lambda: Record(name, SRV, [struct.pack(">3H", 0, 0, 8000), host], 120, IN | FLUSH),
            lambda: Record(name, SRV, [struct.pack(">3H", 0, 0, 8000), host], 120, IN | FLUSH),
            lambda: Record(name, TXT, [self.txt()], 4500, IN | FLUSH),
            lambda: Record(host, A, [bytes([198, 51, 100, self.random.randrange(256)])]),
            lambda: Record(host, AAAA, [b"\xfe\x80" + bytes(13) + self.noise(1)]),
            lambda: Record(host, HINFO, [b"\x03ARM\x05Linux"]),
            lambda: Record(name, NSEC, self.nsec(name)),
        ))()

    def odd_record(self):
        """Of the types that have no place here, or only there"""
        name, other = self.instance(), self.host()
        return self.random.choice((
            lambda: Record(name, CNAME, [name]),
            lambda: Record(other, CNAME, [self.host()]),
            lambda: Record(name, CNAME, [self.instance()]),
            lambda: Record(self.type, CNAME, [self.type]),
            lambda: Record(name, DNAME, [name]),
            lambda: Record(other, NS, [other]),
            lambda: Record(other, SOA, [other, other, bytes(20)]),
            lambda: Record(other, MX, [b"\0\1", other]),
            lambda: Record([], OPT, [self.noise(self.random.randrange(20))], 0, 1440),
            lambda: Record(name, RRSIG, [bytes(18), other, self.noise(64)]),
            lambda: Record(name, DNSKEY, [self.noise(36)]),
            lambda: Record(name, ANY, [self.noise(4)]),
            lambda: Record(name, UNKNOWN, [self.noise(self.random.randrange(300))]),
            lambda: Record(name, 0, []),
        ))()

    def records(self, most):
        return [self.odd_record() if not self.sound and self.one_in(10) else self.sound_record()
                for _ in range(self.random.randrange(most + 1))]

    def question(self):
        klass = self.random.choice((IN, IN, IN, IN | FLUSH, ANY, 3))
        record = self.sound_record()
        kind = self.random.choice((record.kind, record.kind, ANY, CNAME))
        return Record(record.name, kind, [], 0, klass)

    def message(self):
        message = Message()
        if self.random.randrange(3):
            message.flags = 0x8400
            message.sections[1] = self.records(6) or [self.sound_record()]
            message.sections[3] = self.records(3)
            return message
        message.sections[0] = [self.question() for _ in range(self.random.randrange(1, 5))]
        if self.one_in(2):
            message.sections[1] = self.records(3)  # known answers
        if self.one_in(3):
            message.sections[2] = self.records(3)  # a probe
        message.flags = 0x0200 if self.one_in(8) else 0
        return message

    # --- what is wrong with it ---

    def odd_name(self, name):
        if isinstance(name, Raw):
            return name
        pointer = self.random.randrange(0x4000)
        return self.random.choice((
            lambda: name[:1] + [b"with\0nul"] + name[1:],
            lambda: [b"with.dot\\and\\046"] + name[1:],
            lambda: [b"\xff\xc0\x80\xed\xa0\x80"] + name[1:],
            lambda: [b"\xc3\xa4" * 31] + name[1:],
            lambda: [b"x" * 63] * self.random.randrange(3, 6) + name,
            lambda: [b"x" * self.random.randrange(64, 255)] + name,
            lambda: [b"a"] * self.random.randrange(100, 300) + name,
            lambda: [b"\x1b[2J\r\n"] + name[1:],
            lambda: [b" "] + name[1:],
            lambda: [],
            lambda: Raw(struct.pack(">H", 0xc000 | pointer)),
            lambda: Raw(b"\x01a" + struct.pack(">H", 0xc00c)),
            lambda: Raw(struct.pack(">H", 0xc00c)),
            lambda: Raw(struct.pack(">H", 0xc000)),
            lambda: Raw(b"".join(struct.pack(">H", 0xc00c + 2 * i) for i in range(200))),
            lambda: Raw(bytes([self.random.randrange(64, 192)]) + self.noise(8)),
            lambda: Raw(b"\x3fshort"),
            lambda: Raw(b""),
        ))()

    def odd_data(self, record):
        record.data = self.random.choice((
            lambda: [],
            lambda: [b"\0"],
            lambda: [b"\0" * 300],
            lambda: [b"\xff"],
            lambda: [b"\xffshort"],
            lambda: [self.noise(self.random.randrange(40))],
            lambda: record.data[:-1],
            lambda: record.data + [self.noise(3)],
            lambda: [part[:-1] if isinstance(part, bytes) else part for part in record.data],
            lambda: [self.odd_name(part) if isinstance(part, list) else part
                     for part in record.data],
        ))()

    def spoil_record(self, record):
        what = self.random.randrange(8)
        if what == 0:
            record.name = self.odd_name(record.name)
        elif what in (1, 2):
            self.odd_data(record)
        elif what == 3:
            record.size = self.random.choice((0, 1, 2, 3, 5, 17, 255, 256, 0x7fff, 0xffff))
        elif what == 4:
            record.klass = self.random.choice((0, 2, 3, 4, 254, ANY, 0x7fff, IN | FLUSH, 0xffff))
        elif what == 5:
            record.ttl = self.random.choice((0, 0, 1, 2, 0x7fffffff, 0x80000000, 0xffffffff))
        elif what == 6:
            record.kind = self.random.choice((A, AAAA, PTR, SRV, TXT, HINFO, CNAME, NSEC, OPT, 0))
        else:
            record.data = [record.name]

    def spoil_message(self, message):
        records = [record for section in message.sections[1:] for record in section]
        what = self.random.randrange(8)
        if what < 5 and records:
            for _ in range(self.random.randrange(1, 4)):
                self.spoil_record(self.random.choice(records))
        elif what == 5:
            message.counts[self.random.randrange(4)] = self.random.choice((0, 1, 2, 255, 0xffff))
        elif what == 6:
            message.flags = self.random.randrange(0x10000)
        elif records:
            one, times = self.random.choice(records), self.random.randrange(1, 60)
            message.sections[self.random.randrange(4)] += [one] * times

    def spoil_bytes(self, data):
        at = self.random.randrange(len(data))
        what = self.random.randrange(6)
        if what == 0:
            del data[at:]
        elif what == 1:
            data[at:at] = self.noise(self.random.randrange(1, 8))
        elif what == 2:
            del data[at:at + self.random.randrange(1, 8)]
        elif what == 3:
            data += self.noise(self.random.randrange(1, 64))
        else:
            for _ in range(self.random.randrange(1, 6)):
                data[self.random.randrange(len(data))] = self.random.choice(
                    (0, 1, 12, 63, 64, 127, 128, 191, 192, 193, 255, self.random.randrange(256)))

    def large(self):
        """Up to what one packet may have, full of records, and often cut short"""
        message = Message()
        self.names_others = self.names_others and self.alike
        message.flags = 0x8400
        one = [self.sound_record() for _ in range(8)]
        message.sections[1] = one * self.random.randrange(1, 100)
        return bytes(Writer(message, self.one_in(2)).bytes)

    def payload(self):
        which = self.random.randrange(1000)
        if which < LARGE:
            return self.large()
        if which < NOISE:
            return self.noise(self.random.choice((0, 1, 11, 12, 13, 40, 512, 1500, MAX_BYTES)))
        message = self.message()
        if self.sound:
            for record in message.sections[1]:
                record.ttl = 0 if self.one_in(16) else record.ttl
            return bytes(Writer(message, True).bytes)
        for _ in range(self.random.randrange(3)):
            self.spoil_message(message)
        data = Writer(message, self.random.randrange(3) > 0).bytes
        for _ in range(max(0, self.random.randrange(4) - 1)):
            if data:
                self.spoil_bytes(data)
        return bytes(data)
