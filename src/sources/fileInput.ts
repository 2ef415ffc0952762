import { type FileHandle, open, stat } from 'node:fs/promises';
import type { Failure } from '../shared/protocol.ts';
import { RpcError } from '../shared/rpc.ts';
import { fileFailure } from './failures.ts';
import type { RawInput } from './rawInput.ts';
import { CHUNK_BYTES } from './reader.ts';

interface Identity {
  readonly sizeBytes: number;
  readonly modifiedMs: number;
  readonly file: string;
}
async function identify(path: string): Promise<Identity> {
  const s = await stat(path);
  return { sizeBytes: s.isFile() ? s.size : Number.NaN, modifiedMs: s.mtimeMs, file: `${s.dev}:${s.ino}` };
}

/**
 * A file read in ranges. Reading ends at the size it had when opened, so a capture that is still being written gives one
 * consistent picture; `changed` then says that it has grown. Also takes pipes and devices (size NaN), which it reads once.
 */
export class FileInput implements RawInput {
  readonly name: string;
  readonly path: string;
  takenBytes = 0;
  failure: Failure | null = null;
  private handle: FileHandle | null;
  private readonly was: Identity;
  // Two buffers in turn: the engine still looks at the last one while the next is being read.
  private buffers: readonly Uint8Array[];
  private readonly chunkBytes: number;
  private turn = 0;

  private constructor(path: string, name: string, handle: FileHandle, was: Identity, chunkBytes: number) {
    this.path = path;
    this.name = name;
    this.handle = handle;
    this.was = was;
    this.chunkBytes = chunkBytes;
    this.buffers = [new Uint8Array(chunkBytes), new Uint8Array(chunkBytes)];
  }
  /** Rejects with the file system's error. */
  static async open(path: string, name: string, chunkBytes = CHUNK_BYTES): Promise<FileInput> {
    const handle = await open(path, 'r');
    try {
      const s = await handle.stat();
      if (s.isDirectory()) throw Object.assign(new Error('is a directory'), { code: 'EISDIR' });
      return new FileInput(path, name, handle, await identify(path), chunkBytes);
    } catch (e) {
      await handle.close();
      throw e;
    }
  }
  get sizeBytes(): number {
    return this.was.sizeBytes;
  }

  async next(): Promise<Uint8Array | null> {
    if (this.handle === null || this.failure) return null;
    const seekable = !Number.isNaN(this.was.sizeBytes);
    const want = seekable ? Math.min(this.chunkBytes, this.was.sizeBytes - this.takenBytes) : this.chunkBytes;
    if (want <= 0) return null;
    const buffer = this.buffers[(this.turn ^= 1)]!;
    try {
      const { bytesRead } = await this.handle.read(buffer, 0, want, seekable ? this.takenBytes : null);
      if (bytesRead === 0) return null;
      this.takenBytes += bytesRead;
      return buffer.subarray(0, bytesRead);
    } catch (e) {
      this.failure = { ...fileFailure(this.path, e), offset: this.takenBytes };
      return null;
    }
  }

  async changed(): Promise<string | null> {
    let now: Identity;
    try {
      now = await identify(this.path);
    } catch {
      return `${this.name} was deleted or renamed since it was read.`;
    }
    if (now.file !== this.was.file) return `${this.name} was replaced by another file since it was read.`;
    if (now.sizeBytes > this.was.sizeBytes) return `${this.name} has grown since it was read: run the analysis again for the rest.`;
    if (now.sizeBytes < this.was.sizeBytes) return `${this.name} became shorter since it was read.`;
    if (now.modifiedMs !== this.was.modifiedMs) return `${this.name} was written to since it was read.`;
    return null;
  }

  reopen(): Promise<RawInput> | null {
    return Number.isNaN(this.was.sizeBytes) ? null : FileInput.open(this.path, this.name);
  }

  read(at: number, length: number): Promise<Uint8Array> | null {
    return Number.isNaN(this.was.sizeBytes) ? null : this.readAt(at, length);
  }

  /** The file is opened for each look: a long open analysis must not hold a file that the user wants to delete. */
  private async readAt(at: number, length: number): Promise<Uint8Array> {
    const change = await this.changed();
    // Growing leaves what was read in place.
    if (change !== null && !change.includes('has grown')) throw new RpcError('not-found', `${change} Its bytes can't be shown.`);
    const handle = this.handle ?? (await open(this.path, 'r'));
    try {
      const buffer = new Uint8Array(Math.max(0, Math.min(length, this.was.sizeBytes - at)));
      const { bytesRead } = await handle.read(buffer, 0, buffer.length, at);
      return buffer.subarray(0, bytesRead);
    } finally {
      if (handle !== this.handle) await handle.close();
    }
  }

  async close(): Promise<void> {
    const handle = this.handle;
    this.handle = null;
    this.buffers = [];
    await handle?.close();
  }
}
