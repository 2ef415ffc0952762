import type { Statement } from '../sql.ts';
import { Response } from './response.ts';

export interface Asked {
  readonly command: number;
  readonly statement: Statement | undefined;
}

/** What a connection said that its messages rest on. */
export class Session {
  /** Until the first OK client and server agree on who is there. */
  login = false;
  capabilities = -1;
  database = 0;
  compressed = false;
  /** The server said that a backslash is a character like others (NO_BACKSLASH_ESCAPES). */
  plainBackslash = false;
  /** A replica asked for the log of changes: from its first event on they come as they happen. */
  replicates = false;
  /** The last response was read without knowing what was asked: where it ended is a guess. */
  guessed = false;
  readonly prepared = new Map<number, Statement>();
  readonly asked = new Map<number, Asked>();
  readonly response = new Response();
}

/** Plain JSON. */
export interface SessionMemory extends Pick<Session, 'login' | 'capabilities' | 'compressed' | 'plainBackslash' | 'replicates'> {
  readonly database: string;
  readonly prepared: readonly (readonly [id: number, Statement])[];
}
