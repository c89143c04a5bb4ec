/** An inclusive range of IP addresses of one family, as fixed-length hexadecimal texts that compare like numbers. */
export interface IpRange {
  readonly first: string;
  readonly last: string;
}

const HEX_DIGITS_V4 = 8;

/** The address as 8 (IPv4) or 32 (IPv6) hexadecimal digits, or undefined when the text is no IP address. */
export function ipToHex(text: string): string | undefined {
  if (/^\d+\.\d+\.\d+\.\d+$/.test(text)) return ipv4ToHex(text);
  if (/^[0-9a-fA-F:]*:[0-9a-fA-F:]*$/.test(text)) return ipv6ToHex(text);
  return undefined;
}

/**
 * The addresses of a CIDR block. Event Ruler, the engine that EventBridge runs, starts the range at the address as written and
 * takes IPv4 masks up to 31 bits and IPv6 masks up to 127.
 * @see https://github.com/aws/event-ruler/blob/main/src/main/software/amazon/event/ruler/CIDR.java
 */
export function parseCidr(cidr: string): IpRange {
  const parts = cidr.split('/');
  if (parts.length !== 2) throw new Error(`'${cidr}' is no CIDR block: one '/' is required, as in 10.0.0.0/24`);
  if (!/^\+?\d+$/.test(parts[1])) throw new Error(`'${cidr}' is no CIDR block: mask bits must be an integer, not '${parts[1]}'`);
  const first = ipToHex(parts[0]);
  if (first === undefined) throw new Error(`'${cidr}' is no CIDR block: '${parts[0]}' is no IP address`);
  const widest = first.length * 4 - 1;
  const bits = Number(parts[1]);
  if (bits > widest) throw new Error(`'${cidr}' is no CIDR block: mask bits must be at most ${widest}, not ${bits}`);
  return { first, last: lastAddress(first, bits) };
}

export function isInRange(range: IpRange, text: string): boolean {
  const address = ipToHex(text);
  return address !== undefined && address.length === range.first.length && address >= range.first && address <= range.last;
}

function lastAddress(first: string, bits: number): string {
  return [...first].map((digit, index) => {
    const free = Math.min(4, Math.max(0, (index + 1) * 4 - bits));
    const value = parseInt(digit, 16);
    return (value - (value % 2 ** free) + 2 ** free - 1).toString(16);
  }).join('');
}

function ipv4ToHex(text: string): string | undefined {
  const octets = text.split('.').map(Number);
  if (octets.some((octet) => octet > 255)) return undefined;
  return octets.map((octet) => octet.toString(16).padStart(2, '0')).join('').padStart(HEX_DIGITS_V4, '0');
}

function ipv6ToHex(text: string): string | undefined {
  const halves = text.split('::');
  if (halves.length > 2) return undefined;
  const groups = halves.map((half) => (half === '' ? [] : half.split(':')));
  const written = groups.flat();
  if (written.some((group) => !/^[0-9a-fA-F]{1,4}$/.test(group))) return undefined;
  if (halves.length === 1 ? written.length !== 8 : written.length > 7) return undefined;
  const zeros = halves.length === 2 ? Array<string>(8 - written.length).fill('0') : [];
  return [...groups[0], ...zeros, ...(groups[1] ?? [])].map((group) => group.toLowerCase().padStart(4, '0')).join('');
}
