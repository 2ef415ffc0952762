import * as my from './packets.ts';

const FIRST = 0;
const COLUMNS = 1;
const BEHIND_COLUMNS = 2;
const ROWS = 3;
/** Definitions behind the answer to PREPARE. */
const DEFINITIONS = 4;
const AUTHENTICATION = 5;

/**
 * Where a response ends. Whether an EOF packet stands behind the columns (it does not since CLIENT_DEPRECATE_EOF) can be
 * told from the packets themselves: EOF has exactly 5 bytes, the OK that replaced it at least 7.
 */
export class Response {
  private step = FIRST;
  private command = my.QUERY;
  private capabilities = -1;
  private left = 0;
  private wide = false;

  reset(): void {
    this.step = FIRST;
    this.wide = false;
  }

  begin(command: number, capabilities: number): void {
    this.reset();
    this.command = command;
    this.capabilities = capabilities;
  }

  /** May the packet be an error? Inside a packet that continues 0xff is data. */
  get mayFail(): boolean {
    return !this.wide && (this.step === FIRST || this.step === ROWS || this.step === BEHIND_COLUMNS || this.step === AUTHENTICATION);
  }

  /** A packet, its payload at `at` as far as `end`. True: it is the response's last. */
  packet(b: Uint8Array, at: number, length: number, end: number): boolean {
    const continues = this.wide;
    this.wide = length === my.FULL;
    if (continues) return false;
    const first = b[at]!;
    if (first === 0xff && this.mayFail) return !my.isProgress(b, at);
    switch (this.step) {
      case FIRST:
        return this.first(b, at, length, end, first);
      case COLUMNS:
        if (--this.left === 0) this.step = BEHIND_COLUMNS;
        return false;
      case BEHIND_COLUMNS:
        this.step = ROWS;
        if (first === 0xfe && length === 5) return (my.statusOf(b, at, length, end) & my.CURSOR_EXISTS) !== 0;
        return this.row(b, at, length, end, first);
      case ROWS:
        return this.row(b, at, length, end, first);
      case DEFINITIONS:
        return this.definition(b, at, length, end);
      case AUTHENTICATION:
        return first === 0;
      default:
        return true;
    }
  }

  private first(b: Uint8Array, at: number, length: number, end: number, first: number): boolean {
    switch (this.command) {
      case my.STATISTICS:
        return true;
      case my.FIELD_LIST:
      case my.FETCH:
        this.step = ROWS;
        return this.row(b, at, length, end, first);
      case my.PREPARE:
        if (first !== 0 || length < 12) return true;
        if (at + 9 > end) {
          // Cut: the counts are not there.
          this.step = DEFINITIONS;
          this.left = Number.POSITIVE_INFINITY;
          return false;
        }
        return this.definitions(my.u16(b, at + 7), my.u16(b, at + 5), b, at + length, end);
      case my.CHANGE_USER:
        this.step = AUTHENTICATION;
        return first === 0;
    }
    if (first === 0 || first === 0xfe) return (my.statusOf(b, at, length, end) & my.MORE_RESULTS) === 0;
    if (first === 0xfb) return false; // LOCAL INFILE: the client sends a file, then the result comes
    this.left = first < 0xfb ? first : first === 0xfc ? my.u16(b, at + 1) : 0;
    this.step = this.left > 0 ? COLUMNS : ROWS;
    return false;
  }

  private row(b: Uint8Array, at: number, length: number, end: number, first: number): boolean {
    // A row that begins with 0xfe holds a text of 16 MB and more and fills its packet.
    if (first !== 0xfe || length === my.FULL) return false;
    if ((my.statusOf(b, at, length, end) & my.MORE_RESULTS) === 0) return true;
    this.step = FIRST;
    this.command = my.QUERY;
    return false;
  }

  private definitions(parameters: number, columns: number, b: Uint8Array, behind: number, end: number): boolean {
    this.step = DEFINITIONS;
    this.left = parameters + columns;
    if (this.capabilities !== -1 && (this.capabilities & my.DEPRECATE_EOF) === 0)
      this.left += (parameters > 0 ? 1 : 0) + (columns > 0 ? 1 : 0);
    return this.left === 0 && !eofAt(b, behind, end);
  }

  private definition(b: Uint8Array, at: number, length: number, end: number): boolean {
    const eof = b[at] === 0xfe && length === 5;
    // Capabilities that were not seen: EOF packets are counted out where they show up.
    if (!(eof && this.capabilities === -1)) this.left--;
    return this.left <= 0 && !(this.capabilities === -1 && eofAt(b, at + length, end));
  }
}

const eofAt = (b: Uint8Array, at: number, end: number): boolean => at + 5 <= end && my.packetLength(b, at) === 5 && b[at + 4] === 0xfe;
