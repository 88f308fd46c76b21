/**
 * Threads that go through the same list of operations together. An operation is divided into shares, which threads take as they come to them,
 * so that a slow core delays the others by one share at most. After it all meet: what one has written, the others may then read.
 *
 * In memory, int32s: `TURN`, `WAITING`, `LOST`, `THREADS`, and on a cache line of its own `TAKEN`.
 */

/** Counts the times that all have met. */
const TURN: usize = 0;
/** How many have come to the meeting. */
const WAITING: usize = 4;
/** Not 0 once somebody has given up or was told to: from then on nobody waits. */
const LOST: usize = 8;
const THREADS: usize = 12;
/** Shares that are taken of the operation that runs. */
const TAKEN: usize = 64;

export const TEAM_BYTES: usize = 128;

/** Looks at the turn before a thread goes to sleep: some 20 µs, for being woken takes longer than most operations leave to wait. */
const SPINS: i32 = 20_000;

/** How long a thread sleeps before it looks whether the others still work. */
const NAP_NANOSECONDS: i64 = 100_000_000;

/** So many naps without a share taken or a thread arriving, and the others are lost. */
const MAX_IDLE_NAPS: i32 = 15;

export function createTeam(team: usize, threads: i32): void {
  memory.fill(team, 0, TEAM_BYTES);
  i32.store(team, threads, THREADS);
}

/** Address of the word that ends all waiting. */
export function lostWord(team: usize): usize {
  return team + LOST;
}

export function isLost(team: usize): bool {
  return atomic.load<i32>(team, LOST) != 0;
}

/** The next share of the operation, counted from 0; what is beyond the last is nobody's. */
export function takeShare(team: usize): i32 {
  return atomic.add<i32>(team, 1, TAKEN);
}

/** Waits for all threads, then lets them begin the next operation. Returns early when the team is lost. */
export function meet(team: usize): void {
  const turn = atomic.load<i32>(team, TURN);
  if (atomic.add<i32>(team, 1, WAITING) + 1 == i32.load(team, THREADS)) {
    atomic.store<i32>(team, 0, WAITING);
    atomic.store<i32>(team, 0, TAKEN);
    atomic.store<i32>(team, turn + 1, TURN);
    atomic.notify(team + TURN, -1);
    return;
  }
  if (waitAtMost(NAP_NANOSECONDS, team + TURN, turn, SPINS) == turn) nap(team, turn);
}

/** Waits on until the turn changes or nothing happens for `MAX_IDLE_NAPS`. */
function nap(team: usize, turn: i32): void {
  let idleNaps = 0;
  let waiting = 0;
  let taken = 0;
  while (idleNaps < MAX_IDLE_NAPS && !isLost(team)) {
    const waitingNow = atomic.load<i32>(team, WAITING);
    const takenNow = atomic.load<i32>(team, TAKEN);
    idleNaps = waitingNow == waiting && takenNow == taken ? idleNaps + 1 : 0;
    waiting = waitingNow;
    taken = takenNow;
    if (waitAtMost(NAP_NANOSECONDS, team + TURN, turn, 0) != turn) return;
  }
  atomic.store<i32>(team, 1, LOST);
  atomic.notify(team + TURN, -1);
}

/** Waits until the int32 at `address` is no longer `seen`: looks `spins` times, then sleeps until notified. @returns what stands there then */
export function waitForChange(address: usize, seen: i32, spins: i32): i32 {
  let now = seen;
  while (now == seen) now = waitAtMost(-1, address, seen, spins);
  return now;
}

/** The same, and gives up after so many nanoseconds of sleep; −1 for never. */
function waitAtMost(nanoseconds: i64, address: usize, seen: i32, spins: i32): i32 {
  for (let i = 0; i < spins; i++) {
    const now = atomic.load<i32>(address);
    if (now != seen) return now;
  }
  atomic.wait<i32>(address, seen, nanoseconds);
  return atomic.load<i32>(address);
}

export function threadsOf(team: usize): i32 {
  return i32.load(team, THREADS);
}
