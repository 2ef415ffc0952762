/**
 * Which servers' requests are worth a look for values: those with words that were in a request to another server shortly before, or that are in one
 * shortly after. All requests are watched at first and again now and then; in between, only those to servers where words reappear, so that traffic
 * without any costs next to nothing. Counts alone decide.
 */

/** Requests watched at the beginning, of which the first tell what is common, and of every PERIOD later. */
const FIRST = 2048;
const LEARN = 512;
const AGAIN = 512;
const PERIOD = 1 << 15;
/** A word reappears when it was in one of the last so many requests. */
const SHORTLY = 512;
const SLOTS = 1 << 13;
/** Servers told apart (others share numbers). */
export const MOST_SERVERS = 1 << 10;
/** A server is left when of at least so many requests fewer than one in WORTH has a word that reappears. */
const LEAST = 32;
const WORTH = 8;

export class Echoes {
  private requests = 0;
  private watchUntil = FIRST;
  private watching = true;
  private server = 0;
  private echoed = false;
  private readonly left = new Uint8Array(MOST_SERVERS);
  private readonly watched = new Uint32Array(MOST_SERVERS);
  private readonly echoing = new Uint32Array(MOST_SERVERS);
  /** Of the word last seen in a slot: itself, its server and its request. */
  private readonly lastWord = new Int32Array(SLOTS);
  private readonly wordServer = new Uint16Array(SLOTS);
  private readonly wordRequest = new Float64Array(SLOTS).fill(Number.NEGATIVE_INFINITY);

  /** The next request; false: it is not worth a look. */
  begin(server: number): boolean {
    const n = this.requests++;
    this.server = server & (MOST_SERVERS - 1);
    if (this.watching) {
      if (n === this.watchUntil) this.judge();
      this.echoed = false;
      if (n >= LEARN) this.watched[this.server]!++;
    } else if (n % PERIOD === 0) {
      this.watching = true;
      this.watchUntil = n + AGAIN;
    }
    return this.watching || this.left[this.server] === 0;
  }

  /** A word of the request. */
  word(hash: number): void {
    if (!this.watching || this.requests < LEARN) return;
    const { server } = this;
    const slot = Math.imul(hash, 0x9e3779b1) >>> 19;
    const before = this.wordServer[slot]!;
    if (this.lastWord[slot] === hash && before !== server && this.requests - this.wordRequest[slot]! <= SHORTLY) {
      // Both sides count: a server that only asks others has nothing said to it before.
      this.echoing[before]!++;
      if (!this.echoed) this.echoing[server]!++;
      this.echoed = true;
    }
    this.lastWord[slot] = hash;
    this.wordServer[slot] = server;
    this.wordRequest[slot] = this.requests;
  }

  private judge(): void {
    this.watching = false;
    for (let s = 0; s < MOST_SERVERS; s++) {
      if (this.watched[s]! < LEAST) continue;
      this.left[s] = this.echoing[s]! * WORTH < this.watched[s]! ? 1 : 0;
      this.watched[s] = 0;
      this.echoing[s] = 0;
    }
  }
}
