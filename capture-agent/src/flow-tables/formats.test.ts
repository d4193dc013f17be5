import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readRows } from './read-rows.fixture.js';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'weir-tables-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const GENERIC = `timestamp,src_ip,dst_ip,src_port,dst_port,protocol,bytes_sent,bytes_received,packets_sent,packets_received,duration,flags
2024-05-15T09:00:00Z,10.0.0.1,192.0.2.2,40000,443,tcp,1540,9000,10,12,0.25,"SYN,ACK,FIN"
2024-05-15T09:00:01.5Z,2001:db8::1,2001:db8::2,5353,53,UDP,80,,1,0,0,-
`;

describe('a flow table with the generic names', () => {
  it('is read with its counts, times and flags', async () => {
    const { rows, format } = await readRows(GENERIC);
    expect(format).toBe('generic');
    expect(rows).toEqual([
      {
        time: '2024-05-15T09:00:00.000Z',
        durationUs: 250_000,
        from: '10.0.0.1:40000',
        to: '192.0.2.2:443',
        protocol: 6,
        packets: [10, 12],
        bytes: [1540, 9000],
        payload: [1540 - 10 * 54, 9000 - 12 * 54],
        responderKnown: true,
        tcpFlags: 0x13,
        outcome: undefined,
      },
      expect.objectContaining({
        from: '2001:db8::1:5353',
        protocol: 17,
        bytes: [80, 0],
        payload: [38, 0],
        tcpFlags: 0,
      }),
    ]);
  });

  it('that counts whole packets takes no handshake for payload', async () => {
    const head = 'src_ip,dst_ip,src_port,dst_port,protocol,packets_sent,packets_received,bytes_sent,bytes_received\n';
    const { rows } = await readRows(
      `${head}10.0.0.1,10.0.0.2,1,2,tcp,1,1,74,60\n10.0.0.1,10.0.0.2,1,2,tcp,2,1,154,74\n`,
    );
    expect(rows.map(({ payload }) => payload)).toEqual([[0, 0], [0, 0]]); // biome-ignore format: pairs
  });

  it('may spell its names the other way, and leave out what the responder sent', async () => {
    const table =
      'source_ip;destination_ip;source_port;destination_port;Protocol;bytes;packets\n10.0.0.1;10.0.0.2;1;2;17;900;3\n';
    const { rows } = await readRows(table);
    expect(rows).toMatchObject([{ from: '10.0.0.1:1', packets: [3, 0], bytes: [900, 0], responderKnown: false }]);
  });

  it('may have a byte order mark, CRLF, quotes, blank lines, stray spaces and no last line end', async () => {
    const untidy = GENERIC.replace('10.0.0.1,', ' 10.0.0.1  ,')
      .replace('192.0.2.2,', '"192.0.2.2" ,')
      .replaceAll('\n', '\r\n\r\n');
    const { rows } = await readRows(`\ufeff${untidy.trimEnd()}`);
    expect(rows).toEqual((await readRows(GENERIC)).rows);
  });

  it('gives the same rows however its bytes arrive, compressed or not', async () => {
    const whole = (await readRows(GENERIC)).rows;
    for (const pieceBytes of [1, 2, 3, 50]) expect((await readRows(GENERIC, { pieceBytes })).rows).toEqual(whole);
    expect((await readRows(gzipSync(GENERIC), { pieceBytes: 9 })).rows).toEqual(whole);
  });

  it('without times is a thousand rows a second, or the pace that is given', async () => {
    const table = `src_ip,dst_ip,src_port,dst_port,protocol\n${'10.0.0.1,10.0.0.2,1,2,6\n'.repeat(3)}`;
    const times = async (rowGapUs?: number) =>
      (await readRows(table, { rowGapUs })).rows.map(({ time }) => time.slice(10));
    expect(await times()).toEqual(['T00:00:00.000Z', 'T00:00:00.001Z', 'T00:00:00.002Z']);
    expect(await times(2e6)).toEqual(['T00:00:00.000Z', 'T00:00:02.000Z', 'T00:00:04.000Z']);
  });
});

describe('CICIDS2017', () => {
  const expected = {
    time: '2017-07-05T15:30:02.000Z',
    durationUs: 1500,
    from: '172.16.0.1:50000',
    to: '192.168.10.50:80',
    packets: [2, 1],
    payload: [30, 70],
    bytes: [30 + 108, 70 + 54],
    tcpFlags: 0x06,
  };

  it('is read with its first spelling, its stray spaces and twelve-hour times', async () => {
    const table = `Flow ID, Source IP, Source Port, Destination IP, Destination Port, Protocol, Timestamp, Flow Duration, Total Fwd Packets, Total Backward Packets,Total Length of Fwd Packets, Total Length of Bwd Packets, SYN Flag Count, RST Flag Count, Label
x,172.16.0.1,50000,192.168.10.50,80,6,05/07/2017 03:30:02,1500,2,1,30,70,1,1,DoS
`;
    const { rows, format } = await readRows(table);
    expect(format).toBe('cicids2017');
    expect(rows).toMatchObject([expected]);
  });

  it('is read with its second spelling', async () => {
    const table = `id,Flow ID,Src IP,Src Port,Dst IP,Dst Port,Protocol,Timestamp,Flow Duration,Total Fwd Packet,Total Bwd packets,Total Length of Fwd Packet,Total Length of Bwd Packet,SYN Flag Count,RST Flag Count,Label
1,x,172.16.0.1,50000,192.168.10.50,80,6,2017-07-05 15:30:02,1500,2,1,30.0,70,1,1,DoS
`;
    expect((await readRows(table)).rows).toMatchObject([expected]);
  });

  it('without its address columns says that it cannot be replayed, and what is missing', async () => {
    const table = ' Destination Port, Flow Duration, Total Fwd Packets\n80,3,2\n';
    await expect(readRows(table)).rejects.toThrow(
      /line 1 has no column for the originatorAddress.* expected "src_ip" or "source_ip".*Found: Destination Port, Flow Duration/,
    );
  });

  it('warns where its times have no seconds', async () => {
    const table =
      'Source IP,Source Port,Destination IP,Destination Port,Protocol,Timestamp,Flow Duration\n10.0.0.1,1,10.0.0.2,2,6,7/7/2017 3:30,0\n';
    const { rows, counters } = await readRows(table);
    expect(rows[0]!.time).toBe('2017-07-07T15:30:00.000Z');
    expect(counters.warnings).toEqual([expect.stringMatching(/no seconds/)]);
  });
});

const ZEEK = `#separator \\x09
#set_separator	,
#path	conn
#fields	ts	uid	id.orig_h	id.orig_p	id.resp_h	id.resp_p	proto	duration	orig_bytes	resp_bytes	conn_state	history	orig_pkts	orig_ip_bytes	resp_pkts	resp_ip_bytes
#types	time	string	addr	port	addr	port	enum	interval	count	count	string	string	count	count	count	count
1537522822.965530	Ca	10.0.0.9	50000	10.0.0.1	22	tcp	3.5	-	-	S0	S	3	180	0	0
1537522823.000001	Cb	10.0.0.9	50001	10.0.0.1	23	tcp	0.1	0	0	REJ	Sr	1	60	1	40
1537522824.000000	Cc	10.0.0.9	8	10.0.0.1	0	icmp	-	-	-	OTH	-	1	84	0	0
#close	2018-09-21-12-00-00
`;

describe('Zeek', () => {
  const expected = [
    { time: '2018-09-21T09:40:22.965Z', durationUs: 3_500_000, packets: [3, 0], outcome: 'halfOpen', tcpFlags: 2 },
    { durationUs: 100_000, packets: [1, 1], bytes: [60, 40], payload: [0, 0], outcome: 'rejected', tcpFlags: 6 },
    { from: '10.0.0.9:8', protocol: 1, durationUs: 0, outcome: undefined, tcpFlags: 0 },
  ];

  it('conn.log is read by its #fields line', async () => {
    const { rows, format } = await readRows(ZEEK);
    expect(format).toBe('zeek');
    expect(rows).toMatchObject(expected);
  });

  it('logs of several days may be joined, with other columns from then on', async () => {
    const other =
      '#fields\tid.resp_h\tid.orig_h\tid.orig_p\tid.resp_p\tproto\tts\n10.0.0.1\t10.0.0.2\t1\t2\tudp\t1537609222\n';
    const { rows } = await readRows(ZEEK + other);
    expect(rows[3]).toMatchObject({ from: '10.0.0.2:1', to: '10.0.0.1:2', time: '2018-09-22T09:40:22.000Z' });
  });

  it('JSON lines are read, and a key that is not there is not told', async () => {
    const lines = [
      {
        ts: 1537522822.96553,
        'id.orig_h': '10.0.0.9',
        'id.orig_p': 50000,
        'id.resp_h': '10.0.0.1',
        'id.resp_p': 22,
        proto: 'tcp',
        conn_state: 'S0',
        orig_pkts: 3,
      },
      {
        ts: 1537522823,
        'id.orig_h': '::1',
        'id.orig_p': 1,
        'id.resp_h': '::2',
        'id.resp_p': 53,
        proto: 'udp',
        duration: 0.5,
      },
    ];
    const { rows, format } = await readRows(lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
    expect(format).toBe('zeek-json');
    expect(rows).toMatchObject([
      { from: '10.0.0.9:50000', packets: [3, 0], outcome: 'halfOpen' },
      { from: '::1:1', protocol: 17, durationUs: 500_000, packets: [0, 0] },
    ]);
  });
});

describe('other tables', () => {
  it('NSL-KDD is told apart and refused with the reason', async () => {
    const row = ['0', 'tcp', 'ftp_data', 'SF', ...Array<string>(37).fill('0'), 'normal', '20'].join(',');
    await expect(readRows(`${row}\n`)).rejects.toThrow(/NSL-KDD.*neither addresses nor times/);
  });

  it('a mapping file names columns, units and the order of dates', async () => {
    const mapping = join(folder, 'mapping.json');
    const columns = {
      time: { column: 'Began', order: 'month-first' },
      duration: { column: 'Took', unit: 'ms' },
      originatorAddress: 'A',
      responderAddress: 'B',
      originatorPort: 'a',
      responderPort: 'b',
      protocol: 'P',
      flags: 'F',
    };
    writeFileSync(mapping, JSON.stringify({ columns, delimiter: '|' }));
    const table = 'A|a|B|b|P|Began|Took|F\n10.0.0.1|5|10.0.0.2|6|tcp|03/07/2017 4:05:06 PM|20|.A..S.\n';
    const { rows, format } = await readRows(table, { mappingPath: mapping });
    expect(format).toBe('mapped');
    expect(rows).toMatchObject([
      { from: '10.0.0.1:5', time: '2017-03-07T16:05:06.000Z', durationUs: 20_000, tcpFlags: 0x12 },
    ]);
  });

  it('a mapping file numbers the columns of a table without a header', async () => {
    const mapping = join(folder, 'numbers.json');
    const columns = {
      time: { column: 6, unit: 'ms' },
      originatorAddress: 1,
      originatorPort: 2,
      responderAddress: 3,
      responderPort: 4,
      protocol: 5,
    };
    writeFileSync(mapping, JSON.stringify({ columns, header: false }));
    const { rows } = await readRows('10.0.0.1,5,10.0.0.2,6,17,86400000\n10.0.0.1,5,10.0.0.2,6,17,86401000\n', {
      mappingPath: mapping,
    });
    expect(rows.map(({ time }) => time)).toEqual(['1970-01-02T00:00:00.000Z', '1970-01-02T00:00:01.000Z']);
  });

  it.each([
    ['{', /mapping\.json" cannot be used: .*JSON/],
    ['{"columns": {"colour": "A"}}', /"colour" is nothing that Weir reads\. Known: time, duration/],
    ['{"columns": {"time": {"column": "A", "unit": "h"}}}', /cannot be used: \/columns\/time/],
    ['{"columns": {"time": "Z"}}', /no column "Z", which ".*" names for time\. Found: A, B/],
  ])('a mapping file that cannot be used is refused with the reason: %s', async (text, reason) => {
    const mapping = join(folder, 'mapping.json');
    writeFileSync(mapping, text);
    await expect(readRows('A,B\n1,2\n', { mappingPath: mapping })).rejects.toThrow(reason);
  });
});
