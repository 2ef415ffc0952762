const NONE = new Uint8Array(0);

/**
 * A byte stream that comes in pieces, seen through one window. Records inside a piece are read where they lie; only
 * one that straddles two pieces is put together in a small carry buffer (copying whole pieces would cost as much as
 * parsing them). Pushed bytes are not used after `has` answered false, or after `retain`.
 */
export class Feed {
  /** The window: bytes[at, end) are unread. Callers advance `at`. */
  bytes: Uint8Array = NONE;
  view: DataView = new DataView(NONE.buffer);
  at = 0;
  end = 0;
  /** Offset in the stream of bytes[0]. */
  base = 0;
  #inCarry = false;
  #carry: Uint8Array = NONE;
  #carryView: DataView = new DataView(NONE.buffer);
  /** The pushed piece while the window is the carry buffer. */
  #next: Uint8Array = NONE;
  #nextAt = 0;
  #skip = 0;

  /** Offset in the stream of the next unread byte. */
  get offset(): number {
    return this.base + this.at;
  }

  /** Bytes announced to `skip` that haven't come yet. */
  get skipping(): number {
    return this.#skip;
  }

  push(piece: Uint8Array): void {
    this.retain();
    // A Buffer is another class: the hot code would see two, and its slice() is no copy.
    this.#next = piece.constructor === Uint8Array ? piece : new Uint8Array(piece.buffer, piece.byteOffset, piece.length);
    this.#nextAt = 0;
    if (this.at === this.end) this.#enter();
    if (this.#skip > 0) this.#skipHere();
  }

  /** True when n >= 1 unread bytes lie in the window. False: push more, or the stream ends here. */
  has(n: number): boolean {
    return this.end - this.at >= n || this.#pull(n);
  }

  /** Drops the next n bytes, also those still to come. */
  skip(n: number): void {
    const here = Math.min(n, this.end - this.at);
    this.at += here;
    this.#skip += n - here;
  }

  /** Copies what is unread, so that the pushed bytes may be reused by their owner. */
  retain(): void {
    if (!this.#inCarry && this.at < this.end) this.#toCarry();
    const rest = this.#next.length - this.#nextAt;
    if (rest > 0) this.#append(rest);
  }

  /** Gives up all memory; nothing can be read any more. */
  release(): void {
    this.base += this.at;
    this.at = 0;
    this.end = 0;
    this.bytes = NONE;
    this.#next = NONE;
    this.#nextAt = 0;
    this.#carry = NONE;
    this.view = new DataView(NONE.buffer);
    this.#carryView = this.view;
  }

  #pull(n: number): boolean {
    for (;;) {
      if (this.#skip > 0) this.#skipHere();
      const left = this.end - this.at;
      if (left >= n) return true;
      const rest = this.#next.length - this.#nextAt;
      if (left === 0) {
        if (rest === 0) return false;
        this.#enter();
        continue;
      }
      if (!this.#inCarry) this.#toCarry();
      if (rest === 0) return false;
      this.#append(Math.min(n - left, rest));
    }
  }

  /** While bytes are being skipped the window is empty, so that `has` needn't look. */
  #skipHere(): void {
    const here = Math.min(this.#skip, this.end - this.at);
    this.at += here;
    this.#skip -= here;
  }

  /** The window becomes the rest of the pushed piece. */
  #enter(): void {
    this.base = this.base + this.at - this.#nextAt;
    this.bytes = this.#next;
    this.view = new DataView(this.bytes.buffer, this.bytes.byteOffset, this.bytes.byteLength);
    this.at = this.#nextAt;
    this.end = this.bytes.length;
    this.#next = NONE;
    this.#nextAt = 0;
    this.#inCarry = false;
  }

  #toCarry(): void {
    const left = this.end - this.at;
    if (this.#carry.length < left) this.#resize(left);
    this.#carry.set(this.bytes.subarray(this.at, this.end), 0);
    this.#useCarry(left);
  }

  #append(count: number): void {
    const left = this.end - this.at;
    if (!this.#inCarry) this.#useCarry(0);
    if (this.at > 0 && this.end + count > this.#carry.length) {
      this.#carry.copyWithin(0, this.at, this.end);
      this.#useCarry(left);
    }
    if (this.end + count > this.#carry.length) {
      const old = this.#carry;
      this.#resize(this.end + count);
      this.#carry.set(old.subarray(0, this.end));
      this.bytes = this.#carry;
      this.view = this.#carryView;
    }
    this.#carry.set(this.#next.subarray(this.#nextAt, this.#nextAt + count), this.end);
    this.end += count;
    this.#nextAt += count;
    if (this.#nextAt === this.#next.length) {
      this.#next = NONE;
      this.#nextAt = 0;
    }
  }

  #useCarry(length: number): void {
    this.base += this.at;
    this.bytes = this.#carry;
    this.view = this.#carryView;
    this.at = 0;
    this.end = length;
    this.#inCarry = true;
  }

  #resize(atLeast: number): void {
    let size = Math.max(this.#carry.length, 4096);
    while (size < atLeast) size *= 2;
    this.#carry = new Uint8Array(size);
    this.#carryView = new DataView(this.#carry.buffer);
  }
}
