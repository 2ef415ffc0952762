import type { Failure } from '../shared/protocol.ts';
import { RpcError } from '../shared/rpc.ts';
import type { RawInput } from './rawInput.ts';
import type { CaptureReader } from './reader.ts';

export const notKept = (name: string) =>
  new RpcError('not-found', `The bytes of ${name} are not kept: it can be read only once. Save it as a file to see bytes.`);

/** A capture as stored: the input's bytes are the capture's. `first` are bytes already taken from the input to look at. */
export class PlainReader implements CaptureReader {
  private readonly input: RawInput;
  private first: Uint8Array | null;
  constructor(input: RawInput, first: Uint8Array) {
    this.input = input;
    this.first = first;
  }
  get name(): string {
    return this.input.name;
  }
  get sizeBytes(): number {
    return this.input.sizeBytes;
  }
  get takenBytes(): number {
    return this.input.takenBytes;
  }
  get failure(): Failure | null {
    return this.input.failure;
  }
  async next(): Promise<Uint8Array | null> {
    const first = this.first;
    this.first = null;
    return first ?? (await this.input.next());
  }
  changed(): Promise<string | null> {
    return this.input.changed();
  }
  async read(at: number, length: number): Promise<Uint8Array> {
    const bytes = this.input.read(at, length);
    if (bytes === null) throw notKept(this.name);
    return bytes;
  }
  close(): Promise<void> {
    return this.input.close();
  }
}
