/**
 * Tries to reach a host that this page may not, each way there is, and says what the browser did. It is the page's
 * fire drill: the name belongs to nobody (RFC 2606 reserves `.invalid`), and nothing but the way's name is in it.
 */
import { CANARY_HOST as HOST, type WayOut, type WayOutTried } from '../contract/requests.ts';

/** What the browser refuses it says at once; a beacon that it takes it does not speak of. */
const TOLD_WITHIN_MS = 500;
const TIME_LIMIT_MS = 10_000;

type Violation = Pick<
  SecurityPolicyViolationEvent,
  'effectiveDirective' | 'originalPolicy' | 'blockedURI'
>;

/** A page, or a worker. */
interface Scope {
  addEventListener(type: 'securitypolicyviolation', listener: (event: Violation) => void): void;
  removeEventListener(type: 'securitypolicyviolation', listener: (event: Violation) => void): void;
  readonly navigator: object;
  readonly Image?: new () => {
    src: string;
    addEventListener(type: 'load' | 'error', listener: () => void): void;
  };
}

/** Of a page; a worker has none. */
interface BeaconSender {
  sendBeacon?(url: string, data: string): boolean;
}

/** Whether it left. Throwing and rejecting mean that it did not. */
type Attempt = (scope: Scope) => Promise<boolean>;

/** One after the other, so that each refusal belongs to one of them. Those that a worker lacks are left out there. */
export async function tryWaysOut(scope: Scope): Promise<readonly WayOutTried[]> {
  const tried: WayOutTried[] = [];
  for (const [way, attempt] of Object.entries(WAYS) as [WayOut, Attempt][]) {
    if (way === 'image' && scope.Image === undefined) continue;
    if (way === 'beacon' && !('sendBeacon' in scope.navigator)) continue;
    tried.push(await tryOne(scope, way, attempt));
  }
  return tried;
}

async function tryOne(scope: Scope, way: WayOut, attempt: Attempt): Promise<WayOutTried> {
  let hear: (event: Violation) => void = () => {};
  const refusal = new Promise<Violation>((resolve) => {
    hear = (event) => {
      if (event.blockedURI.includes(`//${HOST}/${way}`)) resolve(event); // each policy in force tells
    };
  });
  scope.addEventListener('securitypolicyviolation', hear);
  const left = await Promise.race([
    attempt(scope).catch(() => false),
    later(TIME_LIMIT_MS).then(() => false),
  ]);
  const refused = await Promise.race([refusal, later(TOLD_WITHIN_MS)]);
  scope.removeEventListener('securitypolicyviolation', hear);
  if (refused !== null) {
    const { effectiveDirective: directive, originalPolicy: policy } = refused;
    return { way, outcome: 'refused', directive, policy };
  }
  return { way, outcome: left ? 'sent' : 'failed', directive: null, policy: null };
}

const WAYS: Readonly<Record<WayOut, Attempt>> = {
  fetch: async () => {
    await fetch(`https://${HOST}/fetch`, { mode: 'no-cors', cache: 'no-store' });
    return true;
  },
  websocket: () =>
    new Promise((resolve) => {
      const socket = new WebSocket(`wss://${HOST}/websocket`);
      socket.addEventListener('open', () => {
        socket.close();
        resolve(true);
      });
      socket.addEventListener('error', () => resolve(false));
    }),
  script: async () => {
    const address = `https://${HOST}/script.js`;
    await import(/* @vite-ignore */ address);
    return true;
  },
  beacon: async ({ navigator }) =>
    (navigator as BeaconSender).sendBeacon?.(`https://${HOST}/beacon`, 'canary') ?? false,
  image: ({ Image }) =>
    new Promise((resolve) => {
      if (Image === undefined) return resolve(false);
      const image = new Image();
      image.addEventListener('load', () => resolve(true));
      image.addEventListener('error', () => resolve(false));
      image.src = `https://${HOST}/image.png`;
    }),
};

function later(waitMs: number): Promise<null> {
  return new Promise((resolve) => setTimeout(() => resolve(null), waitMs));
}
