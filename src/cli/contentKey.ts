import { ContentKey } from '../session/contentKey.ts';
import { UsageError } from './command.ts';

/** The key under which commands hand on what requests say; null: none is given. */
export function contentKeyGiven(): ContentKey | null {
  const text = process.env['TRACENEST_CONTENT_KEY'];
  if (!text) return null;
  const key = ContentKey.parse(text);
  if (!key) throw new UsageError('TRACENEST_CONTENT_KEY must have 64 hexadecimal digits (openssl rand -hex 32)');
  return key;
}
