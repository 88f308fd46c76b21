/** `npm start`: serves the built page, to this computer or, with `--lan`, to the network that it is in. */
import { networkInterfaces } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { preview } from 'vite';
import { certificateFor, fingerprintOf } from './certificate.ts';
import { invitation } from './invitation.ts';

const HELP = `npm start -- [--lan] [--host ADDRESS] [--port NUMBER]

Builds the page and serves it.

  --lan            over HTTPS to the network this computer is in, with a code for a phone to scan
  --host ADDRESS   with --lan: at this IPv4 address of this computer alone
  --port NUMBER    4173 unless given; the next free one where it is taken
`;

const ROOT = join(import.meta.dirname, '..');
const KEPT_IN = join(ROOT, 'node_modules/.cache/offgrid');

process.exitCode = await main(process.argv.slice(2));

async function main(args: readonly string[]): Promise<number> {
  const wishes = parse(args);
  if (typeof wishes === 'string') return refuse(wishes);
  const { lan, host, port, help } = wishes;
  if (help) {
    process.stdout.write(HELP);
    return 0;
  }
  if (!lan) {
    const server = await preview({ root: ROOT, preview: { port } });
    server.printUrls();
    return 0;
  }
  const [first, ...others] = host === null ? ownAddresses() : [host];
  if (first === undefined) return refuse('This computer is in no network with an IPv4 address.');
  const certificate = await certificateFor(KEPT_IN, [first, ...others]);
  const server = await preview({
    root: ROOT,
    preview: { host: host ?? '0.0.0.0', port, https: certificate },
  });
  const bound = server.httpServer.address();
  const boundPort = typeof bound === 'object' && bound !== null ? bound.port : port;
  const urlOf = (address: string) => `https://${address}:${boundPort}/`;
  const urls = [urlOf(first), ...others.map(urlOf)] as const;
  const hasColours = process.stdout.isTTY;
  process.stdout.write(invitation(urls, fingerprintOf(certificate.cert), hasColours));
  return 0;
}

interface Wishes {
  readonly lan: boolean;
  readonly host: string | null;
  readonly port: number;
  readonly help: boolean;
}

/** A sentence when it is not clear what is wanted. */
function parse(args: readonly string[]): Wishes | string {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        lan: { type: 'boolean', default: false },
        host: { type: 'string' },
        port: { type: 'string', default: '4173' },
        help: { type: 'boolean', short: 'h', default: false },
      },
    });
    const port = Number(values.port);
    if (!Number.isInteger(port) || port < 0 || port > 65_535) {
      return '--port takes a whole number from 0 to 65535.';
    }
    if (values.host !== undefined && !values.lan) return '--host goes with --lan.';
    return { lan: values.lan, host: values.host ?? null, port, help: values.help };
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/** Of this computer in the networks it is in, those of private networks (RFC 1918) first. */
function ownAddresses(): readonly string[] {
  const isPrivate = (address: string) =>
    /^(10\.|192\.168\.|172\.(1[6-9]|2\d|3[01])\.)/.test(address);
  return Object.values(networkInterfaces())
    .flatMap((addresses) => addresses ?? [])
    .filter(({ family, internal }) => family === 'IPv4' && !internal)
    .map(({ address }) => address)
    .sort((a, b) => Number(isPrivate(b)) - Number(isPrivate(a)));
}

function refuse(sentence: string): number {
  process.stderr.write(`${sentence}\n\n${HELP}`);
  return 2;
}
